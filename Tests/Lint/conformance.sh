# Tests/Conformance/TABLE.md and the suite name each other's tests.
broken=0
cases=$(grep -rhoE '@Test.* func [A-Za-z0-9]+' --include='*.swift' Tests/Conformance | sed 's/.* //' | sort)
for name in $(echo "$cases" | uniq -d); do
    echo "Tests/Conformance: two cases are named $name" && broken=1
done
# The last column: a name of a case, or the path of a file.
named=$(sed -n 's/^| .* | \(.*\) |$/\1/p' Tests/Conformance/TABLE.md | grep -oE '`[^`]+`' | tr -d '`' | sort -u)
[ "$(echo "$named" | wc -l)" -gt 100 ] || { echo "Tests/Conformance/TABLE.md was not understood" && broken=1; }
for name in $named; do
    case $name in
    */*) [ -e "$name" ] || { echo "TABLE.md: no such file: $name" && broken=1; } ;;
    *) echo "$cases" | grep -qx "$name" || { echo "TABLE.md: no such test: $name" && broken=1; } ;;
    esac
done
for name in $cases; do
    echo "$named" | grep -qx "$name" || { echo "TABLE.md does not name the case $name" && broken=1; }
done
for name in $(sed -n 's/^    "\([A-Za-z0-9]*\)": \[.*/\1/p' Tests/Conformance/KnownFailures.swift); do
    echo "$cases" | grep -qx "$name" || { echo "KnownFailures.swift: no such test: $name" && broken=1; }
done
exit $broken
