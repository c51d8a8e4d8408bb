# Rules of the house that the compiler does not keep. Prints each line that breaks one.
broken=0
forbid() {
    why=$1 pattern=$2
    shift 2
    if grep -rnE "$pattern" "$@"; then
        echo "^ $why"
        broken=1
    fi
}
forbid "an error is handled or passed on, never swallowed" '\btry[?!]' --include='*.swift' Sources Tests
# ArgumentParser links only beside FoundationEssentials: the one place that may import it.
services="--exclude-dir=BoxStore --exclude-dir=BoxEngine --exclude-dir=BoxAPI --exclude-dir=swiftboxd"
# shellcheck disable=SC2086 # a word each
forbid "no Foundation, Dispatch or concurrency below the services floor" \
    '^ *(@[a-zA-Z_() ]+ )?((public|internal|private|fileprivate|package) +)?import (Foundation|FoundationEssentials|Dispatch)\b' \
    --include='*.swift' --exclude-dir=swiftbox $services Sources
forbid "a timer of libdispatch's wakes the daemon every second once it is used (BoxEngine/Threads)" \
    '^ *(@[a-zA-Z_() ]+ )?((public|internal|private|fileprivate|package) +)?import Dispatch\b|\bTask\.sleep\b' \
    --include='*.swift' Sources
forbid "one thread: no async, await or Task" '^[^"/]*(\b(async|await)\b|\bTask *[{.])' --include='*.swift' $services Sources
forbid "only StandardStreams writes for people" '(^|[^.A-Za-z])(print|debugPrint|dump)\(' --include='*.swift' Sources
forbid "below the executables nothing is said to people" '\bStandardStreams\.' --include='*.swift' \
    --exclude-dir=swiftbox --exclude-dir=swiftbox-runtime --exclude-dir=swiftboxd Sources
forbid "a name that says nothing" '.' $(find Sources Tests -name '*Utils*' -o -name '*Helper*' -o -name '*Misc*' -o -name '*Common*')/dev/null
for file in $(find Sources Tests -name '*.swift' -o -name '*.c' -o -name '*.sh'); do
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || { echo "$file: $lines lines; a topic a file" && broken=1; }
done
exit $broken
