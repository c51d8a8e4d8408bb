#!/bin/sh
# Fuzzes every reader with libFuzzer: sh Tests/Fuzz/campaign.sh [SECONDS [INPUT…]]   (default: 3600 s over all inputs)
#
# SECONDS are shared out evenly, one input after the other, on one core. Corpora and findings are in .build/fuzz-corpus and
# .build/fuzz-findings. Prints a line an input; exit status 1 when something was found. A finding is read again by
#   FUZZ_INPUT=config .build/fuzz/release/fuzz .build/fuzz-findings/FILE
set -eu
cd "$(dirname "$0")/../.."
seconds=${1-3600}
[ $# = 0 ] || shift
[ $# != 0 ] || set -- json config process resources seccomp yaml tar state record passwd subid mountinfo cgroup stat audit kmsg
SWIFTBOX_FUZZ=1 swift build -c release --scratch-path .build/fuzz --product fuzz --sanitize fuzzer 2>&1 | tail -n 1
findings=.build/fuzz-findings
mkdir -p $findings
# A copy: a build that is made meanwhile does not change what is fuzzed.
program=$findings/fuzz.$$
trap 'rm -f "$program"' EXIT
cp .build/fuzz/release/fuzz "$program"
# Every name that a reader compares with is a word to try.
dictionary=.build/fuzz-words
grep -rhoE 'case "[A-Za-z0-9_]+"|"(SCMP|SCHED|SECCOMP|RLIMIT|MPOL|IOPRIO|CAP)_[A-Z0-9_]+"' Sources/BoxOCI Sources/BoxSpec Sources/BoxSecurity |
    sed 's/^case //' | sort -u >$dictionary
found=0
for input in "$@"; do
    corpus=.build/fuzz-corpus/$input
    mkdir -p "$corpus"
    status=0
    # Swift's own report of a trap would end the process before libFuzzer can save what led to it.
    SWIFT_BACKTRACE=enable=no FUZZ_INPUT=$input "$program" -max_total_time=$((seconds / $#)) -timeout=10 \
        -rss_limit_mb=2048 -max_len=16384 -dict=$dictionary -artifact_prefix="$findings/$input-" -print_final_stats=1 \
        -verbosity=0 "$corpus" "Tests/Fuzz/Seeds/$input" >"$findings/$input.log" 2>&1 || status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$findings/$input.log")
    echo "$input: ${runs:-no} executions, status $status"
    [ $status = 0 ] || found=1
done
exit $found
