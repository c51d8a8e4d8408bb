/// Values that come one after the other, no faster than they are taken: the next one is fetched when `next` asks.
/// One task may read it. Dropping it ends what feeds it.
public struct EngineStream<Element: Sendable>: AsyncSequence, Sendable {
    private let fetch: @Sendable () async throws -> Element?

    /// - Parameter next: the next value; nil at the end, and from there on
    public init(next: @escaping @Sendable () async throws -> Element?) { fetch = next }

    public struct Iterator: AsyncIteratorProtocol {
        let fetch: @Sendable () async throws -> Element?

        public mutating func next() async throws -> Element? { try await fetch() }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(fetch: fetch) }
}

extension EngineStream {
    /// For who keeps no iterator.
    func fetchNext() async throws -> Element? { try await fetch() }
}
