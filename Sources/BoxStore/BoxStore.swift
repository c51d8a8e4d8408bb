internal import Foundation
internal import GRDB
public import Logging

/// The index of boxes, images and tags: SQLite in WAL mode. Thread-safe; every call blocks until SQLite has answered.
///
/// Commits are not forced to the disk one by one (`synchronous = NORMAL`): after a power failure the last may be missing,
/// and the boxes' own folders, which are forced, say what was.
public final class BoxStore: Sendable {
    private let queue: DatabaseQueue

    /// Why a database was moved aside: the caller rebuilds the index from the folders.
    public let wasRebuilt: String?

    /// Opens, checks and migrates the database at `path`. One that is damaged, or no database, is moved aside; not one that a
    /// full disk or missing rights keep from being opened.
    public init(path: String, logger: Logger) throws(StoreError) {
        let isNew = !FileManager.default.fileExists(atPath: path)
        do {
            queue = try Self.open(path)
            wasRebuilt = isNew ? "there was none" : nil
        } catch {
            guard let damage = Self.damage(error) else { throw StoreError(error) }
            logger.warning(
                "the database is moved aside and made anew", metadata: ["path": "\(path)", "why": "\(damage)"])
            do {
                try Self.moveAside(path)
                queue = try Self.open(path)
            } catch {
                throw StoreError(error)
            }
            wasRebuilt = damage
        }
    }

    /// nil where the database may be as good as ever.
    private static func damage(_ error: any Error) -> String? {
        let passing: [ResultCode] = [
            .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_BUSY,
            .SQLITE_LOCKED, .SQLITE_NOMEM,
        ]
        if let code = (error as? DatabaseError)?.resultCode, passing.contains(code) { return nil }
        return "\(error)"
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.maximumReaderCount = 1
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -512; PRAGMA mmap_size = 0")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.read { database in
            let answer = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
            if answer != "ok" { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: answer) }
        }
        try migrator.migrate(queue)
        return queue
    }

    /// Beside itself, with the time in its name; the log and the index of the log go with it.
    private static func moveAside(_ path: String) throws {
        let suffix = ".damaged-\(Int(Date().timeIntervalSince1970))"
        for part in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + part) {
            try FileManager.default.moveItem(atPath: path + part, toPath: path + suffix + part)
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("boxes, images, tags") { database in
            try database.execute(
                sql: """
                    CREATE TABLE box (
                        id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL,
                        wanted TEXT NOT NULL, state TEXT NOT NULL, stopped_by_user INTEGER NOT NULL,
                        pid INTEGER NOT NULL, exit_code INTEGER NOT NULL, oom_killed INTEGER NOT NULL,
                        error TEXT NOT NULL, reason TEXT NOT NULL, started TEXT, finished TEXT,
                        restart_count INTEGER NOT NULL
                    ) WITHOUT ROWID;
                    CREATE TABLE image (id TEXT PRIMARY KEY NOT NULL, document TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE tag (
                        reference TEXT PRIMARY KEY NOT NULL,
                        image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE
                    ) WITHOUT ROWID;
                    CREATE TABLE fact (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
                    """)
        }
        return migrator
    }

    func write<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try queue.write { try body($0) }
        } catch {
            throw StoreError(error)
        }
    }

    func read<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try queue.read { try body($0) }
        } catch {
            throw StoreError(error)
        }
    }

    /// Writes the log into the database and closes it.
    public func close() throws(StoreError) {
        do {
            try queue.close()
        } catch {
            throw StoreError(error)
        }
    }
}

extension StoreError {
    init(_ error: any Error) {
        guard let error = error as? DatabaseError else {
            self.init(kind: .other, message: "\(error)")
            return
        }
        let kind: Kind =
            switch error.resultCode {
            case .SQLITE_FULL, .SQLITE_IOERR: .full
            case .SQLITE_CONSTRAINT: .duplicate
            default: .other
            }
        self.init(kind: kind, message: "the database: \(error.message ?? error.resultCode.description)")
    }
}
