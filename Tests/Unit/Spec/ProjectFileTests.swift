import BoxOCI
import Testing

@testable import BoxSpec

/// Files of several services, and the order in which they start.
@Suite struct ProjectFileTests {
    private func file(_ text: String) -> ProjectFile { ProjectFile(Array(text.utf8), path: "p.yaml", directory: "/d") }

    @Test func ordersByDependency() throws {
        let file = file(
            """
            version: "3.8"
            name: shop
            services:
              web: {command: a, depends_on: {db: {condition: service_healthy}, job: {condition: service_completed_successfully}}}
              job: {command: b, depends_on: [db]}
              db: {command: c, restart: always, healthcheck: {test: [CMD, ok], interval: 1s}}
              free: {command: d}
            """)
        #expect(file.problems.isEmpty && file.name == "shop")
        #expect(try file.startOrder().map(\.name) == ["db", "job", "web", "free"])
        let web = try #require(file.services.first)
        #expect(web.dependencies.map(\.condition) == [.healthy, .completed])
        let db = try #require(file.services.first { $0.name == "db" })
        #expect(db.file.daemon.restart == "always" && db.file.daemon.healthTest == ["CMD", "ok"])
        #expect(db.file.daemonKeys.count == 2)
    }

    @Test(arguments: [
        ("services: {a: {command: x, depends_on: [b]}, b: {command: x, depends_on: [a]}}", "wait for each other"),
        ("services: {a: {command: x, depends_on: [c]}}", "there is no service"),
        ("services: {a: {command: x, depends_on: {a: {condition: soon}}}}", "not known"),
        ("services: {a: {comand: x}}", "is no key"), ("services: {}", "has no services"), ("command: x", "is no key"),
        ("services: {a: {command: x}}\nnetworks: {n: {}}", "cannot be used"),
        ("services: {a b: {command: x}}", "no name"),
        (
            "services: {a: {command: x, depends_on: {b: {condition: service_started, restart: true}}}, b: {command: x}}",
            "not available"
        ),
        ("services: {a: {command: x, restart: maybe}}", "restart policy"), ("- a", "must be a map"),
    ])
    func saysWhatIsWrong(_ text: String, _ why: String) {
        let problems = file(text).problems
        #expect(problems.contains { $0.message.contains(why) }, "\(problems)")
        #expect(problems.allSatisfy { $0.file == "p.yaml" && $0.position != nil || $0.message.contains("wait for") })
    }

    @Test func keepsKeysOfTheDaemonApart() {
        var file = SpecFile(
            Array("command: x\nimage: i\nrestart: no\nlogging: {driver: none, options: {max-file: 2}}\n".utf8),
            path: "s.yaml", directory: "/d")
        #expect(file.problems.isEmpty)
        #expect(file.daemon.image == "i" && file.daemon.logDriver == "none" && file.daemon.restart == "no")
        #expect(file.daemonKeys.compactMap(\.field) == ["image", "logging"])
        file.refuseDaemonKeys()
        #expect(file.problems.map { $0.position?.line } == [2, 4])
    }
}
