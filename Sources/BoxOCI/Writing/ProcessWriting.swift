internal import BoxDocument

extension Process {
    var node: Node {
        .object {
            $0.flag("terminal", terminal)
            $0.set("consoleSize", consoleSize?.node)
            $0.setUnlessEmpty("user", user.node)
            $0.set("args", args)
            $0.set("env", env)
            $0.set("cwd", cwd)
            $0.set("capabilities", capabilities?.node)
            $0.set("rlimits", rlimits) { $0.node }
            $0.flag("noNewPrivileges", noNewPrivileges)
            $0.set("apparmorProfile", apparmorProfile)
            $0.set("selinuxLabel", selinuxLabel)
            $0.set("oomScoreAdj", oomScoreAdj)
            $0.set("scheduler", scheduler?.node)
            $0.set("ioPriority", ioPriority?.node)
            $0.set("execCPUAffinity", execCPUAffinity?.node)
        }
    }
}

extension ConsoleSize {
    var node: Node {
        .object {
            $0.set("height", height)
            $0.set("width", width)
        }
    }
}

extension User {
    var node: Node {
        .object {
            $0.set("uid", uid)
            $0.set("gid", gid)
            $0.set("umask", umask)
            $0.set("additionalGids", additionalGids) { Node(number: $0) }
        }
    }
}

extension CapabilitySets {
    var node: Node {
        .object {
            $0.set("bounding", bounding)
            $0.set("effective", effective)
            $0.set("permitted", permitted)
            $0.set("inheritable", inheritable)
            $0.set("ambient", ambient)
        }
    }
}

extension Rlimit {
    var node: Node {
        .object {
            $0.set("type", type)
            $0.set("soft", soft)
            $0.set("hard", hard)
        }
    }
}

extension Scheduler {
    var node: Node {
        .object {
            $0.set("policy", policy)
            $0.set("nice", nice)
            $0.set("priority", priority)
            $0.set("flags", flags)
            $0.set("runtime", runtime)
            $0.set("deadline", deadline)
            $0.set("period", period)
        }
    }
}

extension IOPriority {
    var node: Node {
        .object {
            $0.set("class", self.class)
            $0.set("priority", priority)
        }
    }
}

extension ExecCPUAffinity {
    var node: Node {
        .object {
            $0.set("initial", initial)
            $0.set("final", final)
        }
    }
}
