public import BoxDocument

extension Resources {
    /// The object that decodes to these resources; absent and empty values are left out.
    public var document: Node { node }

    var node: Node {
        .object {
            $0.set("memory", memory?.node)
            $0.set("cpu", cpu?.node)
            if let pids { $0.set("pids", .object { $0.set("limit", pids.limit) }) }
            $0.set("blockIO", blockIO?.node)
            $0.set("hugepageLimits", hugepageLimits) { $0.node }
            if !rdma.isEmpty { $0.set("rdma", Node(.object(rdma.map(\.member)))) }
            $0.set("devices", devices) { $0.node }
            $0.set("unified", unified)
            $0.set("network", network?.node)
        }
    }
}

extension Resources.Memory {
    var node: Node {
        .object {
            $0.set("limit", limit)
            $0.set("reservation", reservation)
            $0.set("swap", swap)
            $0.set("kernel", kernel)
            $0.set("kernelTCP", kernelTCP)
            $0.set("swappiness", swappiness)
            $0.set("disableOOMKiller", disableOOMKiller)
            $0.set("useHierarchy", useHierarchy)
            $0.set("checkBeforeUpdate", checkBeforeUpdate)
        }
    }
}

extension Resources.CPU {
    var node: Node {
        .object {
            $0.set("shares", shares)
            $0.set("quota", quota)
            $0.set("burst", burst)
            $0.set("period", period)
            $0.set("realtimeRuntime", realtimeRuntime)
            $0.set("realtimePeriod", realtimePeriod)
            $0.set("cpus", cpus)
            $0.set("mems", mems)
            $0.set("idle", idle)
        }
    }
}

extension Resources.BlockIO {
    var node: Node {
        .object {
            $0.set("weight", weight)
            $0.set("leafWeight", leafWeight)
            $0.set("weightDevice", weightDevice) { $0.node }
            $0.set("throttleReadBpsDevice", throttleReadBpsDevice) { $0.node }
            $0.set("throttleWriteBpsDevice", throttleWriteBpsDevice) { $0.node }
            $0.set("throttleReadIOPSDevice", throttleReadIOPSDevice) { $0.node }
            $0.set("throttleWriteIOPSDevice", throttleWriteIOPSDevice) { $0.node }
        }
    }
}

extension Resources.WeightDevice {
    var node: Node {
        .object {
            $0.set("major", major)
            $0.set("minor", minor)
            $0.set("weight", weight)
            $0.set("leafWeight", leafWeight)
        }
    }
}

extension Resources.ThrottleDevice {
    var node: Node {
        .object {
            $0.set("major", major)
            $0.set("minor", minor)
            $0.set("rate", rate)
        }
    }
}

extension Resources.HugepageLimit {
    var node: Node {
        .object {
            $0.set("pageSize", pageSize)
            $0.set("limit", limit)
        }
    }
}

extension Resources.Rdma {
    var member: Member {
        Member(
            device,
            .object {
                $0.set("hcaHandles", hcaHandles)
                $0.set("hcaObjects", hcaObjects)
            })
    }
}

extension Resources.DeviceRule {
    var node: Node {
        .object {
            $0.set("allow", allow)
            $0.set("type", type)
            $0.set("major", major)
            $0.set("minor", minor)
            $0.set("access", access)
        }
    }
}

extension Resources.Network {
    var node: Node {
        .object {
            $0.set("classID", classID)
            // Only that there were some is kept: they are refused anyway.
            $0.set("priorities", priorities) { one in
                .object {
                    $0.set("name", one.name)
                    $0.set("priority", one.priority)
                }
            }
        }
    }
}
