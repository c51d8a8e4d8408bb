internal import BoxDocument
internal import NIOCore

/// A frame of the monitor's socket: docker's header (type, three zeros, length big-endian), then the payload.
enum MonitorFrame {
    case output(OutputFrame)
    case message(Node)

    static let headerSize = 8
    static let largest = 64 << 10
    /// A monitor's answer may hold a whole error.
    static let largestMessage = 1 << 20

    private enum Kind {
        static let message: UInt8 = 16
    }

    /// The next whole frame; nil when there is none yet.
    static func read(_ buffer: inout ByteBuffer) throws -> MonitorFrame? {
        guard let kind = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self),
            let length = buffer.getInteger(at: buffer.readerIndex + 4, as: UInt32.self)
        else { return nil }
        if length > UInt32(largestMessage) {
            throw EngineError(.internal, "the monitor sent a frame of \(length) bytes")
        }
        guard buffer.readableBytes >= headerSize + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: headerSize)
        guard let payload = buffer.readSlice(length: Int(length)) else { return nil }
        if kind == Kind.message { return .message(try JSON.parse(Array(payload.readableBytesView))) }
        guard let source = OutputFrame.Source(rawValue: kind) else {
            throw EngineError(.internal, "the monitor sent a frame of type \(kind)")
        }
        return .output(OutputFrame(source, payload))
    }

    static func message(_ node: Node, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        frame(Kind.message, ByteBuffer(bytes: JSON.write(node)), allocator)
    }

    /// Empty bytes are the end of the input.
    static func input(_ bytes: ByteBuffer, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        frame(0, bytes, allocator)
    }

    private static func frame(_ kind: UInt8, _ payload: ByteBuffer, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: headerSize + payload.readableBytes)
        buffer.writeInteger(UInt32(kind) << 24)
        buffer.writeInteger(UInt32(payload.readableBytes))
        buffer.writeImmutableBuffer(payload)
        return buffer
    }
}
