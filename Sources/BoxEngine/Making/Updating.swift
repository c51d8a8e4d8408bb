internal import BoxDocument
internal import BoxOCI
internal import BoxRuntime
internal import BoxSpec
internal import BoxSystem

extension BoxEngine {
    /// Other limits and another restart policy, for a box that runs and for its later runs.
    public func update(_ ref: String, _ changes: BoxChanges) async throws -> [String] {
        let box = try find(ref)
        await occupy(box)
        defer { box.release() }
        if let policy = changes.restart, box.wanted.autoRemove, policy != .no {
            throw EngineError(.invalid, "a box with --rm cannot have a restart policy")
        }
        let (wanted, resolved) = (box.wanted, box.resolved)
        do {
            let warnings = try changes.limits.isEmpty ? [] : changeLimits(box, changes.limits)
            if let policy = changes.restart { box.wanted.restart = policy }
            try WholeFile.write(
                Array(BoxFile(box).text.utf8), to: "\(places.box(box.id))/\(BoxFile.name)", synced: true)
            try save(box)
            emit("update", box)
            return warnings
        } catch {
            (box.wanted, box.resolved) = (wanted, resolved)
            throw EngineError(error, "update the box \(box.name)")
        }
    }

    private func changeLimits(_ box: Box, _ limits: [String: String]) throws -> [String] {
        let flags = Node(.object(limits.sorted { $0.key < $1.key }.map { Member($0.key, Node(.string($0.value))) }))
        let change = try RunOptions(document: flags)
        let before = try compile(box)
        box.resolved.options = box.resolved.options.overridden(by: change)
        box.wanted.options = box.wanted.options.overridden(by: change)
        let after = try compile(box)
        guard box.isAlive else { return [] }
        guard let difference = Self.difference(before.document, after.document) else { return [] }
        do throws(BoxError) {
            return try BoxUpdate.update(
                id: box.id, stateRoot: places.stateRoot, try ResourceChange(difference))
        } catch {
            throw after.box.namingFlag(error)
        }
    }

    /// The members of `linux.resources` that have become others, two levels down.
    private static func difference(_ before: Node, _ after: Node) -> Node? {
        guard case .object(let members)? = after["linux"]?["resources"]?.value else { return nil }
        let old = before["linux"]?["resources"]
        var changed: [Member] = []
        for member in members where old?[member.key] != member.node {
            guard case .object(let inner) = member.node.value else {
                changed.append(member)
                continue
            }
            let kept = inner.filter { old?[member.key]?[$0.key] != $0.node }
            changed.append(Member(member.key, Node(.object(kept))))
        }
        return changed.isEmpty ? nil : Node(.object(changed))
    }

    /// What a start would do, as `swiftbox plan` prints it.
    public func plan(_ ref: String) async throws -> String {
        let box = try find(ref)
        return try EngineError.explaining("plan the box \(box.name)") {
            let request = LaunchRequest(
                spec: try compile(box), id: box.id, bundle: places.box(box.id), stateRoot: places.stateRoot)
            return try LaunchPlan.preview(request, tryingIDMaps: false).text
        }
    }
}
