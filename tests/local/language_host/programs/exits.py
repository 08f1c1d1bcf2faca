import sys

sys.stderr.write("on the way out\n")
sys.exit(3)
