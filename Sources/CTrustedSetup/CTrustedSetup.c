#include "CTrustedSetup.h"
