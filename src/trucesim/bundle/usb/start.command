#!/bin/sh
# Starts the workshop; the first time it is set up, without internet.
cd "$$(dirname "$$0")" || exit 1
for version in $versions; do
  for python in "python$$version" "/usr/local/bin/python$$version" "/opt/homebrew/bin/python$$version" \
    "/Library/Frameworks/Python.framework/Versions/$$version/bin/python3"; do
    if "$$python" -c "" 2> /dev/null; then
      exec "$$python" start.py "$$@"
    fi
  done
done
if python3 -c "" 2> /dev/null; then
  exec python3 start.py "$$@" # says which Python is needed
fi
echo
echo "* Falta Python $pythons: instálelo (vea LEEME.txt) y abra $start otra vez."
echo "  Python $pythons is missing: install it (see README.txt) and open $start again."
exit 1
