// What the differential program needs of a C library, on a machine without a system: memory, a serial
// line, and the end.
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char bare_bss_start[], bare_end[];
extern void (*bare_constructors_start[])(void), (*bare_constructors_end[])(void);
int main(int argc, char **argv);
void bls_use_adx(int wanted);

static void port_write(uint16_t port, uint8_t value) {
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
static uint8_t port_read(uint16_t port) {
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static void put(char c) {
    while (!(port_read(0x3fd) & 0x20)) {}
    port_write(0x3f8, (uint8_t)c);
}
static void put_text(const char *text) {
    for (; *text; text++) put(*text);
}
static void put_number(unsigned long value) {
    char digits[24];
    int n = 0;
    do digits[n++] = (char)('0' + value % 10); while (value /= 10);
    while (n > 0) put(digits[--n]);
}

// The end: by the emulator's port for it.
static _Noreturn void end(const char *how) {
    put_text(how);
    put('\n');
    for (const char *word = "Shutdown"; *word; word++) port_write(0x8900, (uint8_t)*word);
    for (;;) __asm__ volatile("hlt");
}

__attribute__((section(".text.first"))) void bare_start(void) {
    port_write(0x3fb, 3);  // eight bits, no parity, one stop
    for (char *p = bare_bss_start; p < bare_end; p++) *p = 0;
    for (void (**f)(void) = bare_constructors_start; f < bare_constructors_end; f++) (*f)();
    // Bochs 2.7 gets other results from ADCX and ADOX than processors do.
    bls_use_adx(0);
    char *arguments[] = {"lanes-differential", BARE_ROUNDS, BARE_SEED, NULL};
    end(main(3, arguments) == 0 ? "end: 0" : "end: 1");
}

// The formats that the program uses.
static int print(const char *format, va_list list) {
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        format++;
        if (*format == 'l') format++;
        if (*format == 's') put_text(va_arg(list, const char *));
        if (*format == 'd') put_number((unsigned long)va_arg(list, long));
    }
    return 0;
}
int printf(const char *format, ...) {
    va_list list;
    va_start(list, format);
    print(format, list);
    va_end(list);
    return 0;
}
FILE *stdout, *stderr;
int fprintf(FILE *file, const char *format, ...) {
    (void)file;
    va_list list;
    va_start(list, format);
    print(format, list);
    va_end(list);
    return 0;
}
int fflush(FILE *file) { return (void)file, 0; }
int puts(const char *text) { return put_text(text), put('\n'), 0; }
_Noreturn void abort(void) { end("end: aborted"); }
char *getenv(const char *name) { return (void)name, NULL; }

long strtol(const char *text, char **rest, int base) {
    return (long)strtoull(text, rest, base);
}
unsigned long long strtoull(const char *text, char **rest, int base) {
    (void)rest;
    unsigned long long value = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        value = value * (unsigned)base + (unsigned)(*text - '0');
    }
    return value;
}
int madvise(void *p, size_t size, int advice) { return (void)p, (void)size, (void)advice, 0; }

// Blocks with their size before them; freed ones go to a list and are taken again where they fit.
typedef struct block {
    size_t size;
    struct block *next;
} block;
static block *free_blocks;
static uintptr_t top;

static void *take(size_t size) {
    size = (size + 127) & ~(size_t)63;
    for (block **b = &free_blocks; *b; b = &(*b)->next) {
        if ((*b)->size < size || (*b)->size > 2 * size) continue;
        block *found = *b;
        *b = found->next;
        return (char *)found + 64;
    }
    if (!top) top = ((uintptr_t)bare_end + 63) & ~(uintptr_t)63;
    block *fresh = (block *)top;
    top += size + 64;
    if (top > 0x1e000000) end("end: out of memory");
    fresh->size = size;
    return (char *)fresh + 64;
}
void free(void *p) {
    if (!p) return;
    block *b = (block *)((char *)p - 64);
    b->next = free_blocks;
    free_blocks = b;
}
int posix_memalign(void **p, size_t alignment, size_t size) {
    (void)alignment;
    *p = take(size);
    return 0;
}
void *realloc(void *p, size_t size) {
    void *q = take(size);
    if (p) {
        size_t old = ((block *)((char *)p - 64))->size;
        memcpy(q, p, old < size ? old : size);
        free(p);
    }
    return q;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    void *result = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return result;
}
void *memmove(void *to, const void *from, size_t size) {
    if ((uintptr_t)to - (uintptr_t)from >= size) return memcpy(to, from, size);
    char *a = to;
    const char *b = from;
    while (size-- > 0) a[size] = b[size];
    return to;
}
void *memset(void *to, int value, size_t size) {
    void *result = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
    return result;
}
int memcmp(const void *a, const void *b, size_t size) {
    const uint8_t *x = a, *y = b;
    for (size_t i = 0; i < size; i++) {
        if (x[i] != y[i]) return x[i] - y[i];
    }
    return 0;
}
int strcmp(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return (uint8_t)*a - (uint8_t)*b;
}
