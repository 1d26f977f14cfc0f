print("damaskd")
