internal import BoxDocument

/// Members of requests to a monitor.
enum MonitorRequests {
    static func kill(_ signal: Int32, all: Bool = false) -> [Member] {
        [Member("signal", Node(.integer(Int64(signal)))), Member("all", Node(.bool(all)))]
    }
}
