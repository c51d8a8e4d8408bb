public import BoxDocument

extension Resources {
    /// Decodes an object that stands alone, without the rest of a config.json, as `update --resources` takes it. Paths in
    /// errors are those of config.json; nothing is checked but types.
    public init(document: Node) throws(BoxError) {
        try self.init(reading: Field(document, below: ["linux", "resources"]))
    }

    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "memory": memory = try Memory(reading: field)
            case "cpu": cpu = try CPU(reading: field)
            case "pids": pids = try Pids(reading: field)
            case "blockIO": blockIO = try BlockIO(reading: field)
            case "hugepageLimits": hugepageLimits = try field.array(HugepageLimit.init(reading:))
            case "rdma":
                for device in try field.members() { rdma.append(try Rdma(reading: device)) }
            case "devices": devices = try field.array(DeviceRule.init(reading:))
            case "unified": unified = try field.pairs()
            case "network": network = try Network(reading: field)
            default: break
            }
        }
    }
}

extension Resources.Memory {
    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "limit": limit = try field.integer()
            case "reservation": reservation = try field.integer()
            case "swap": swap = try field.integer()
            case "kernel": kernel = try field.integer()
            case "kernelTCP": kernelTCP = try field.integer()
            case "swappiness": swappiness = try field.integer()
            case "disableOOMKiller": disableOOMKiller = try field.bool()
            case "useHierarchy": useHierarchy = try field.bool()
            case "checkBeforeUpdate": checkBeforeUpdate = try field.bool()
            default: break
            }
        }
    }
}

extension Resources.CPU {
    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "shares": shares = try field.integer()
            case "quota": quota = try field.integer()
            case "burst": burst = try field.integer()
            case "period": period = try field.integer()
            case "realtimeRuntime": realtimeRuntime = try field.integer()
            case "realtimePeriod": realtimePeriod = try field.integer()
            case "cpus": cpus = try field.text()
            case "mems": mems = try field.text()
            case "idle": idle = try field.integer()
            default: break
            }
        }
    }
}

extension Resources.Pids {
    init(reading value: Field) throws(BoxError) {
        var limit: Int64?
        for field in try value.members() where field.name == "limit" { limit = try field.integer() }
        guard let limit else { throw value.missing("limit") }
        self.init(limit: limit)
    }
}

extension Resources.BlockIO {
    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "weight": weight = try field.integer()
            case "leafWeight": leafWeight = try field.integer()
            case "weightDevice": weightDevice = try field.array(Resources.WeightDevice.init(reading:))
            case "throttleReadBpsDevice":
                throttleReadBpsDevice = try field.array(Resources.ThrottleDevice.init(reading:))
            case "throttleWriteBpsDevice":
                throttleWriteBpsDevice = try field.array(Resources.ThrottleDevice.init(reading:))
            case "throttleReadIOPSDevice":
                throttleReadIOPSDevice = try field.array(Resources.ThrottleDevice.init(reading:))
            case "throttleWriteIOPSDevice":
                throttleWriteIOPSDevice = try field.array(Resources.ThrottleDevice.init(reading:))
            default: break
            }
        }
    }
}

extension Resources.WeightDevice {
    init(reading value: Field) throws(BoxError) {
        var major: Int64?
        var minor: Int64?
        var weight: UInt16?
        var leafWeight: UInt16?
        for field in try value.members() {
            switch field.name {
            case "major": major = try field.integer()
            case "minor": minor = try field.integer()
            case "weight": weight = try field.integer()
            case "leafWeight": leafWeight = try field.integer()
            default: break
            }
        }
        guard let major else { throw value.missing("major") }
        guard let minor else { throw value.missing("minor") }
        self.init(major: major, minor: minor, weight: weight)
        self.leafWeight = leafWeight
    }
}

extension Resources.ThrottleDevice {
    init(reading value: Field) throws(BoxError) {
        var major: Int64?
        var minor: Int64?
        var rate: UInt64 = 0
        for field in try value.members() {
            switch field.name {
            case "major": major = try field.integer()
            case "minor": minor = try field.integer()
            case "rate": rate = try field.integer()
            default: break
            }
        }
        guard let major else { throw value.missing("major") }
        guard let minor else { throw value.missing("minor") }
        self.init(major: major, minor: minor, rate: rate)
    }
}

extension Resources.HugepageLimit {
    init(reading value: Field) throws(BoxError) {
        var pageSize: String?
        var limit: UInt64?
        for field in try value.members() {
            switch field.name {
            case "pageSize": pageSize = try field.string()
            case "limit": limit = try field.integer()
            default: break
            }
        }
        guard let pageSize else { throw value.missing("pageSize") }
        guard let limit else { throw value.missing("limit") }
        self.init(pageSize: pageSize, limit: limit)
    }
}

extension Resources.Rdma {
    init(reading value: Field) throws(BoxError) {
        self.init(device: value.name)
        for field in try value.members() {
            switch field.name {
            case "hcaHandles": hcaHandles = try field.integer()
            case "hcaObjects": hcaObjects = try field.integer()
            default: break
            }
        }
    }
}

extension Resources.DeviceRule {
    init(reading value: Field) throws(BoxError) {
        var found: Bool?
        self.init(allow: false)
        for field in try value.members() {
            switch field.name {
            case "allow": found = try field.bool()
            case "type": type = try field.text()
            case "major": major = try field.integer()
            case "minor": minor = try field.integer()
            case "access": access = try field.text()
            default: break
            }
        }
        guard let found else { throw value.missing("allow") }
        allow = found
    }
}

extension Resources.Network {
    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "classID": classID = try field.integer()
            case "priorities": priorities = try field.array(Priority.init(reading:))
            default: break
            }
        }
    }
}

extension Resources.Network.Priority {
    init(reading value: Field) throws(BoxError) {
        var name: String?
        var priority: UInt32?
        for field in try value.members() {
            switch field.name {
            case "name": name = try field.string()
            case "priority": priority = try field.integer()
            default: break
            }
        }
        guard let name else { throw value.missing("name") }
        guard let priority else { throw value.missing("priority") }
        self.init(name: name, priority: priority)
    }
}
