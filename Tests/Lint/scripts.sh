# Scripts parse.
status=0
for script in Tests/run.sh Tests/Lint/*.sh Tests/Guest/init examples/*.sh Tests/Benchmarks/*.sh Tests/Clients/*.sh Tests/Conformance/*.sh; do
    [ ! -e "$script" ] || sh -n "$script" || status=1
done
if command -v python3 >/dev/null; then
    python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' Tests/Guest/boot || status=1
fi
exit $status
