import DataMatrix

print("ok")
