internal import BoxCgroup
internal import BoxOCI
internal import BoxRootfs
internal import BoxSecurity
internal import BoxSystem

/// What an action does and what with, apart: the subject stays when only a value changes.
extension Action {
    var subject: String {
        switch self {
        case .setCgroup(let setting): "set \(setting.file)"
        case .setSysctl(let pair): "set \(pair.name)"
        case .setHostname: "set the hostname"
        case .setDomainname: "set the domainname"
        case .setUser: "set the user"
        case .changeDirectory: "change the directory"
        case .cloneRoot: "take the root file system"
        case .cloneSource(let index, _): "take the mount source \(index)"
        case .bind(_, let mount): "bind at \(mount.destination)"
        case .adjustOOMScore: "set the OOM score"
        default: title
        }
    }

    /// The values behind the title; empty where the title says all.
    var detail: String {
        switch self {
        case .setCgroup(let setting): setting.value
        case .setSysctl(let pair): pair.value
        case .setHostname(let name), .setDomainname(let name): name
        case .setUser(let user):
            "user \(user.uid), group \(user.gid)"
                + (user.additionalGids.isEmpty ? "" : ", groups \(user.additionalGids)")
        case .changeDirectory(let path, _): path
        case .cloneRoot(let source), .cloneSource(_, let source): source.detail
        case .bind(_, let mount): mount.source
        case .adjustOOMScore(let score): "\(score)"
        case .mountOverlay(let overlay): Self.detail(overlay)
        case .maskPaths(let paths): paths.joined(separator: " ")
        case .setLimit(let limit, _): "\(limit.soft):\(limit.hard)"
        case .makeIDMap(let map, _), .mapIDs(let map): "root is \(map.rootUser):\(map.rootGroup)"
        case .startScope(let scope): "in \(scope.slice)"
        case .makeCgroup(_, let controllers): controllers.joined(separator: " ")
        case .dropBounding(let plan): "all but " + (plan.bounding.names.joined(separator: " "))
        case .setCapabilities(let plan):
            "effective \(plan.effective.names.joined(separator: " ")); ambient \(plan.ambient.names.joined(separator: " "))"
        case .installFilter(let program): "\(program.instructions.count / 8) instructions"
        default: ""
        }
    }

    private static func detail(_ overlay: Overlay) -> String {
        let changes: String
        switch overlay.upper {
        case .none: changes = "read-only"
        case .directory(let path): changes = "changes in \(path)"
        case .scratch(let size): changes = "changes thrown away" + (size.map { ", \($0) bytes at most" } ?? "")
        }
        return "layers \(overlay.lowers.joined(separator: " ")); \(changes)"
    }
}
