internal import BoxDocument
internal import CYAML

/// One event of libyaml's, copied: nothing of it is the parser's any more.
struct YAMLEvent {
    enum Kind: Equatable {
        case streamStart, streamEnd, documentStart, documentEnd, alias, scalar, sequenceStart, sequenceEnd,
            mappingStart,
            mappingEnd
    }

    var kind: Kind
    var position: Position
    var text = ""
    var anchor: String?
    var tag: String?
    /// Whether a scalar stands without quotes.
    var isPlain = false
}

/// libyaml's parser over a text that outlives it. One thread only.
final class YAMLEvents {
    private var parser = yaml_parser_t()

    init(_ text: UnsafeBufferPointer<UInt8>) {
        yaml_parser_initialize(&parser)
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(&parser, text.baseAddress, text.count)
    }

    deinit { yaml_parser_delete(&parser) }

    func next() throws(DocumentError) -> YAMLEvent {
        var raw = yaml_event_t()
        if yaml_parser_parse(&parser, &raw) == 0 { throw problem() }
        defer { yaml_event_delete(&raw) }
        return Self.copy(raw)
    }

    private func problem() -> DocumentError {
        let what = parser.problem.map { String(cString: $0) } ?? "not YAML"
        let context = parser.context.map { String(cString: $0) + ": " } ?? ""
        let isRead = parser.error == YAML_READER_ERROR
        return DocumentError(
            context + what, at: isRead ? Position(line: 1, column: 1) : Self.position(parser.problem_mark))
    }

    private static func position(_ mark: yaml_mark_t) -> Position {
        Position(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    private static func text(_ bytes: UnsafePointer<UInt8>?) -> String? { bytes.map { String(cString: $0) } }

    private static func copy(_ raw: yaml_event_t) -> YAMLEvent {
        var event = YAMLEvent(kind: .streamEnd, position: position(raw.start_mark))
        switch raw.type {
        case YAML_STREAM_START_EVENT: event.kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: event.kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: event.kind = .documentEnd
        case YAML_SEQUENCE_END_EVENT: event.kind = .sequenceEnd
        case YAML_MAPPING_END_EVENT: event.kind = .mappingEnd
        case YAML_ALIAS_EVENT:
            event.kind = .alias
            event.anchor = text(raw.data.alias.anchor)
        case YAML_SEQUENCE_START_EVENT:
            event.kind = .sequenceStart
            event.anchor = text(raw.data.sequence_start.anchor)
            event.tag = text(raw.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            event.kind = .mappingStart
            event.anchor = text(raw.data.mapping_start.anchor)
            event.tag = text(raw.data.mapping_start.tag)
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            event.kind = .scalar
            event.text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            event.anchor = text(scalar.anchor)
            event.tag = text(scalar.tag)
            event.isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
        default: event.kind = .streamEnd
        }
        return event
    }
}
