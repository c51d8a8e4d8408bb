internal import BoxAPI
internal import BoxEngine
internal import BoxStore

@main
enum Daemon {
    static func main() async {}
}
