internal import BoxDocument
public import BoxOCI
internal import BoxYAML

/// A file of several boxes, as Compose has it: `services:`, each with the keys of a spec file and `depends_on`.
/// A value type; safe on any thread.
public struct ProjectFile: Sendable {
    public let path: String
    /// The key `name`; nil where the file has none.
    public private(set) var name: String?
    /// In the order of the file.
    public private(set) var services: [Service] = []
    /// All that is wrong, in the order of the text.
    public private(set) var problems: [BoxError] = []

    public struct Service: Sendable {
        public let name: String
        /// What the box is like; its problems are among those of the project.
        public let file: SpecFile
        public let dependencies: [Dependency]

        init(_ name: String, _ file: SpecFile, _ dependencies: [Dependency]) {
            self.name = name
            self.file = file
            self.dependencies = dependencies
        }
    }

    /// Another service that must be so far first.
    public struct Dependency: Equatable, Sendable {
        public enum Condition: String, Sendable, CaseIterable {
            case started = "service_started"
            case healthy = "service_healthy"
            case completed = "service_completed_successfully"
        }

        public let service: String
        public let condition: Condition
    }

    /// Reads YAML, of which JSON is a part. Never throws: all that is wrong is in `problems`.
    public init(_ bytes: [UInt8], path: String, directory: String) {
        self.path = path
        do throws(DocumentError) {
            read(try YAML.parse(bytes), directory)
        } catch {
            add(error.message, nil, error.position)
        }
    }

    private mutating func add(_ message: String, _ key: String?, _ position: Position, remedy: String? = nil) {
        var error = BoxError(
            .invalidSpec, key.map { "\($0): \(message)" } ?? message, field: key, position: position, remedy: remedy)
        error.file = path
        problems.append(error)
    }

    private mutating func read(_ root: Node, _ directory: String) {
        guard case .object(let members) = root.value else {
            return add("must be a map with services", nil, root.position)
        }
        for member in members where !member.key.hasPrefix("x-") {
            switch (member.key, member.node.value) {
            // Compose has given up the meaning of it.
            case ("version", _): break
            case ("name", .string(let text)): name = text
            case ("name", _): add("must be a word", "name", member.node.position)
            case ("services", .object(let members)):
                for service in members { readService(service, directory) }
            case ("services", _): add("must be a map of services", "services", member.node.position)
            case ("networks", _), ("volumes", _), ("secrets", _), ("configs", _):
                add("cannot be used: it is not available in this version", member.key, member.position)
            default:
                add(
                    "is no key of a file of services", JSON.quoted(member.key), member.position,
                    remedy: "services, name; a file of one box is for swiftbox run -f")
            }
        }
        if services.isEmpty && problems.isEmpty {
            add("has no services", nil, root.position, remedy: "swiftbox run -f \(path) runs a file of one box")
        }
        checkDependencies()
    }

    private mutating func readService(_ member: Member, _ directory: String) {
        let place = "services.\(member.key)"
        do throws(BoxError) {
            try BoxName.check(member.key, field: place)
        } catch {
            return add("is no name for a service", place, member.position)
        }
        guard case .object(let keys) = member.node.value else {
            return add("must be a map of keys", place, member.node.position)
        }
        var dependencies: [Dependency] = []
        if let node = keys.first(where: { $0.key == "depends_on" })?.node {
            dependencies = readDependencies(node, "\(place).depends_on")
        }
        let rest = Node(.object(keys.filter { $0.key != "depends_on" }), at: member.node.position)
        let file = SpecFile(rest, path: path, directory: directory)
        problems += file.problems
        services.append(Service(member.key, file, dependencies))
    }

    private mutating func readDependencies(_ node: Node, _ place: String) -> [Dependency] {
        var result: [Dependency] = []
        switch node.value {
        case .array(let elements):
            for element in elements {
                guard case .string(let name) = element.value else {
                    add("must be a list of services", place, element.position)
                    continue
                }
                result.append(Dependency(service: name, condition: .started))
            }
        case .object(let members):
            for member in members {
                guard case .string(let text)? = member.node["condition"]?.value ?? .string("service_started"),
                    let condition = Dependency.Condition(rawValue: text)
                else {
                    add(
                        "has a condition that is not known", "\(place).\(member.key)", member.node.position,
                        remedy: Dependency.Condition.allCases.map(\.rawValue).joined(separator: ", "))
                    continue
                }
                if case .object(let inner) = member.node.value, let odd = inner.first(where: { $0.key != "condition" })
                {
                    add("is not available in this version", "\(place).\(member.key).\(odd.key)", odd.position)
                }
                result.append(Dependency(service: member.key, condition: condition))
            }
        default: add("must be a list or a map of services", place, node.position)
        }
        return result
    }

    private mutating func checkDependencies() {
        for service in services {
            for dependency in service.dependencies where !services.contains(where: { $0.name == dependency.service }) {
                add(
                    "there is no service \(JSON.quoted(dependency.service))", "services.\(service.name).depends_on",
                    Position(line: 1, column: 1))
            }
        }
        do throws(BoxError) {
            _ = try startOrder()
        } catch {
            problems.append(error)
        }
    }

    /// Those that others wait for first; else the order of the file.
    ///
    /// - Throws: `.invalidSpec` naming the services that wait for each other.
    public func startOrder() throws(BoxError) -> [Service] {
        var ordered: [Service] = []
        var rest = services
        while !rest.isEmpty {
            let next = rest.firstIndex { service in
                !service.dependencies.contains { wanted in rest.contains { $0.name == wanted.service } }
            }
            guard let next else {
                var error = BoxError(
                    .invalidSpec, "services wait for each other: \(rest.map(\.name).joined(separator: ", "))",
                    field: "depends_on")
                error.file = path
                throw error
            }
            ordered.append(rest.remove(at: next))
        }
        return ordered
    }
}
