internal import GRDB

extension BoxStore {
    // MARK: Boxes

    /// Inserts or replaces. `.duplicate` when another box has the name.
    public func save(_ row: BoxRow) throws(StoreError) {
        try write { database in
            try database.execute(
                sql: """
                    INSERT INTO box VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET name = excluded.name, wanted = excluded.wanted,
                        state = excluded.state, stopped_by_user = excluded.stopped_by_user, pid = excluded.pid,
                        exit_code = excluded.exit_code, oom_killed = excluded.oom_killed, error = excluded.error,
                        reason = excluded.reason, started = excluded.started, finished = excluded.finished,
                        restart_count = excluded.restart_count
                    """,
                arguments: [
                    row.id, row.name, row.created, row.wanted, row.state, row.stoppedByUser, row.pid, row.exitCode,
                    row.oomKilled, row.error, row.reason, row.started, row.finished, row.restartCount,
                ])
        }
    }

    /// In the order they were made.
    public func boxes() throws(StoreError) -> [BoxRow] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM box ORDER BY created, id").map(BoxRow.init(row:))
        }
    }

    public func removeBox(_ id: String) throws(StoreError) {
        try write { try $0.execute(sql: "DELETE FROM box WHERE id = ?", arguments: [id]) }
    }

    // MARK: Images

    /// Inserts or replaces.
    public func save(_ image: ImageRow) throws(StoreError) {
        try write { database in
            try database.execute(
                sql: """
                    INSERT INTO image VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document
                    """, arguments: [image.id, image.document])
        }
    }

    public func images() throws(StoreError) -> [ImageRow] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM image ORDER BY id").map {
                ImageRow(id: $0["id"], document: $0["document"])
            }
        }
    }

    /// With its tags.
    public func removeImage(_ id: String) throws(StoreError) {
        try write { try $0.execute(sql: "DELETE FROM image WHERE id = ?", arguments: [id]) }
    }

    /// Takes the name from the image that had it.
    public func tag(_ tag: TagRow) throws(StoreError) {
        try write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO tag VALUES (?, ?)", arguments: [tag.reference, tag.imageID])
        }
    }

    public func untag(_ reference: String) throws(StoreError) {
        try write { try $0.execute(sql: "DELETE FROM tag WHERE reference = ?", arguments: [reference]) }
    }

    public func tags() throws(StoreError) -> [TagRow] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM tag ORDER BY reference").map {
                TagRow(reference: $0["reference"], imageID: $0["image_id"])
            }
        }
    }

    // MARK: Facts

    /// Such as the boot that the rest was true in.
    public func setFact(_ name: String, _ value: String) throws(StoreError) {
        try write { try $0.execute(sql: "INSERT OR REPLACE INTO fact VALUES (?, ?)", arguments: [name, value]) }
    }

    public func fact(_ name: String) throws(StoreError) -> String? {
        try read { try String.fetchOne($0, sql: "SELECT value FROM fact WHERE name = ?", arguments: [name]) }
    }
}

extension BoxRow {
    fileprivate init(row: Row) {
        self.init(
            id: row["id"], name: row["name"], created: row["created"], wanted: row["wanted"], state: row["state"])
        stoppedByUser = row["stopped_by_user"]
        pid = row["pid"]
        exitCode = row["exit_code"]
        oomKilled = row["oom_killed"]
        error = row["error"]
        reason = row["reason"]
        started = row["started"]
        finished = row["finished"]
        restartCount = row["restart_count"]
    }
}
