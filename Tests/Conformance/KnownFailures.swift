import TestBed

/// Why a runtime fails a case.
struct KnownFailure {
    enum Place { case everywhere, host, guest }

    var runtime: RuntimeUnderTest
    var reason: String
    var place = Place.everywhere

    var applies: Bool { place == .everywhere || (place == .guest) == Bed.isGuest }

    static func crun(_ reason: String, _ place: Place = .everywhere) -> KnownFailure {
        KnownFailure(runtime: .crun, reason: reason, place: place)
    }
    static func runc(_ reason: String, _ place: Place = .everywhere) -> KnownFailure {
        KnownFailure(runtime: .runc, reason: reason, place: place)
    }
    static func ours(_ reason: String) -> KnownFailure { KnownFailure(runtime: .swiftbox, reason: reason) }
}

/// By the name of the case. A case that is not here passes on crun 1.8.1, runc 1.1.5 and ours.
let failuresByCase: [String: [KnownFailure]] = [
    "badDevices": [
        .crun("takes devices of unknown types and without numbers"),
        .runc("takes devices without a path below / or numbers"),
    ],
    "badDevicesOfTheNetwork": [.crun("does not know netDevices"), .runc("does not know netDevices")],
    "badHooks": [.crun("a hook with a time-out of zero or less is accepted")],
    "badMappings": [
        .crun("takes mappings that overlap or are empty"),
        .runc("takes mappings that overlap or are empty"),
    ],
    "badMappingsOfAMount": [.crun("leaves the cgroup of a refused container"), .runc("ignores mappings of mounts")],
    "badMemoryPolicies": [.crun("does not know memoryPolicy"), .runc("does not know memoryPolicy")],
    "badMounts": [.crun("takes options of a wrong type")],
    "badNamespaces": [.crun("takes a namespace without a type")],
    "badNumbersOfAProcess": [.crun("takes wrong types and what is out of range")],
    "badPathsOfCgroups": [
        .crun("leaves the cgroup of a refused container"),
        .runc("makes a cgroup elsewhere instead"),
    ],
    "badPersonalityAndLabel": [.crun("ignores a mount label without SELinux"), .runc("does not know personality")],
    "badPropagationOfTheRoot": [.crun("ignores an unknown propagation")],
    "badResourceLimits": [.crun("leaves the cgroup of a refused container"), .runc("takes a limit twice")],
    "badScheduling": [
        .crun("does not know scheduler and ioPriority"),
        .runc("does not know scheduler and ioPriority"),
    ],
    "badUpdates": [.runc("takes kernel memory, with a warning", .guest)],
    "badVersionsOfTheConfiguration": [.runc("takes any version")],
    "burstAndIdle": [.runc("does not know burst and idle", .guest)],
    "configurationElsewhere": [.runc("has no --config")],
    "defaultConfigurationRuns": [.crun("needs CAP_SYS_RESOURCE to load its device program", .host)],
    "defaultsOfAMount": [.runc("hands defaults to the file system as data")],
    "deviceIsMovedIn": [.crun("does not know netDevices"), .runc("does not know netDevices")],
    "deviceIsRenamed": [.crun("does not know netDevices"), .runc("does not know netDevices")],
    "devicesAreAllowedOrDenied": [.crun("needs CAP_SYS_RESOURCE to load its device program", .host)],
    "directoryOfTheProcess": [.crun("takes a relative directory")],
    "environmentOfTheProcess": [.crun("an empty HOME stays empty")],
    "eventsEndWithTheContainer": [.crun("has no events"), .runc("needs the memory controller", .host)],
    "execInAPausedContainer": [.crun("fails with status 1, has no --ignore-paused")],
    "failingPoststartHookFailsTheStart": [.crun("start succeeds"), .runc("runs poststart hooks with create")],
    "failingPoststopHookIsAWarning": [.runc("the hooks after it do not run")],
    "failingStartContainerHookFailsTheStart": [.crun("start succeeds"), .runc("start succeeds")],
    "failuresOfExec": [.crun("fails with status 1")],
    "features": [.crun("has no features")],
    "fieldsOfCgroupV1AreRefused": [.crun("leaves the cgroup of a refused container"), .runc("ignores them")],
    "flagsOfAFilter": [.runc("does not know flags")],
    "flagsThatNoMountShows": [.crun("hands iversion to the file system as data")],
    "forcedDeleteReachesASharedPidNamespace": [.runc("leaves the cgroup")],
    "groupsOfExec": [.crun("has no --additional-gids")],
    "helpForEveryVerb": [.crun("has no events and features")],
    "hooksAreToldTheStatus": [.crun("tells created while it is creating"), .runc("runs poststart hooks with create")],
    "hooksRunInTheirOrder": [.runc("runs poststart hooks with create")],
    "hostnameAndDomainname": [.runc("does not know domainname")],
    "hugePageReservationsAreLimited": [.runc("leaves reservations unlimited", .guest)],
    "idsOfContainers": [.crun("takes white space in an id")],
    "idsOfExecAreNumbers": [.crun("takes -1 and 4294967296, as root"), .runc("takes 4294967296, as root")],
    "inheritsWhatTheContainerHas": [.crun("forgets the working directory, no_new_privs and oom_score_adj")],
    "intelRdtWithoutTheHardware": [.crun("ignores it")],
    "ioLimitsByFlag": [.runc("has no --io-max", .guest)],
    "ioPriorityOfTheProcess": [.crun("does not know ioPriority"), .runc("does not know ioPriority")],
    "killAndDeleteByPattern": [.runc("has no --regex")],
    "killOfAStoppedContainer": [.crun("says another thing than engines look for")],
    "killReachesASharedPidNamespace": [.runc("leaves the cgroup")],
    "lastOfTwoOptionsWins": [.crun("an option is never taken back")],
    "linksAreNotFollowedOnANosymfollowMount": [.crun("does not know nosymfollow")],
    "listenDescriptorsArePassedOn": [.crun("sets no LISTEN_FDS")],
    "mappingsAloneAreEnough": [.runc("ignores mappings of mounts")],
    "maskedTwiceIsMountedOnce": [.crun("mounts it twice"), .runc("mounts it twice")],
    "memoryPolicyOfTheContainer": [.crun("does not know memoryPolicy"), .runc("does not know memoryPolicy")],
    "missingDirectoryIsRefused": [.crun("makes it"), .runc("makes it")],
    "mountIsIDMapped": [.runc("ignores mappings of mounts")],
    "mountOnADanglingLink": [.crun("cannot"), .ours("refused: nothing is made through a link that leads nowhere")],
    "mountTakesTheMappingsOfTheContainer": [.runc("ignores mappings of mounts")],
    "mountsBelowAreIDMapped": [
        .crun("does not carry mounts below an idmapped one along"),
        .runc("ignores mappings of mounts"),
    ],
    "mountsOfTheHostReachASlave": [.crun("makes a slave private")],
    "newerCallsAreUnknown": [.crun("fails them with EPERM")],
    "newerFeatures": [.crun("has no features"), .runc("describes version 1.0")],
    "newlinesAreLeftAlone": [.crun("needs a terminal"), .runc("needs a terminal")],
    "notificationsNeedAListener": [.crun("takes a filter that nobody listens to")],
    "optionsOfPs": [.crun("has no table of ps(1)")],
    "pathOfAnotherKindIsRefused": [.crun("leaves the cgroup of a refused container")],
    "personalityOfTheContainer": [.runc("does not know personality")],
    "pidfdSocketOfExec": [.crun("has no --pidfd-socket"), .runc("has no --pidfd-socket")],
    "pidfdSocketReceivesThePidfd": [.crun("has no --pidfd-socket"), .runc("has no --pidfd-socket")],
    "processFromAFile": [.crun("ignores oomScoreAdj"), .runc("ignores umask and oomScoreAdj")],
    "processesOfAContainer": [.crun("has no table of ps(1)")],
    "processesOfAStoppedContainer": [.crun("crashes")],
    "processorsOfExec": [.crun("does not know execCPUAffinity"), .runc("does not know execCPUAffinity")],
    "propagationOfAMount": [.crun("makes every mount private")],
    "recursiveAccessTimes": [.crun("recursive access times fail")],
    "recursiveOptionsThatClear": [
        .crun("recursive access times fail"),
        .runc("a recursive option is never taken back"),
    ],
    "relativePathsAreTheCallers": [.crun("puts a relative pid file into the bundle")],
    "rootIsASlave": [.crun("makes the root private")],
    "rootIsShared": [.runc("makes the root private")],
    "rootIsUnbindable": [.runc("fails")],
    "rootlessConfiguration": [.crun("ignores --rootless")],
    "rulesOfDevicesGoByOrder": [.crun("needs CAP_SYS_RESOURCE to load its device program", .host)],
    "runOnATerminal": [.crun("does not hand on the terminal's size")],
    "runThatKeeps": [.crun("has no --keep")],
    "schedulerOfTheProcess": [.crun("does not know scheduler"), .runc("does not know scheduler")],
    "schedulingOfExec": [
        .crun("does not know scheduler and ioPriority"),
        .runc("does not know scheduler and ioPriority"),
    ],
    "sharesAreAWeight": [.runc("converts linearly", .guest)],
    "signalsByNameAndNumber": [.crun("takes unknown signals")],
    "statisticsOfAContainer": [.crun("has no events")],
    "terminalWithoutOneOnStandardInput": [.crun("needs a terminal"), .runc("needs a terminal")],
    "textLog": [.crun("the log has no level")],
    "timeNamespaceAndItsOffsets": [.crun("fails"), .runc("does not know time namespaces")],
    "timeOffsetsInAUserNamespace": [.crun("ignores the offsets"), .runc("does not know time namespaces")],
    "timeOffsetsWithoutTheirNamespace": [.crun("ignores the offsets"), .runc("ignores the offsets")],
    "tmpfsInheritsTheMode": [.crun("the mode is 1777")],
    "tmpfsWithAModeOfItsOwn": [.runc("takes the mode of what it covers")],
    "unknownCapabilityIsAWarning": [.crun("warns of nothing")],
    "updateOfABusyContainer": [.runc("has no --cpu-burst", .guest)],
    "versionOfTheConfiguration": [.crun("takes 1.0 and 1.1 only")],
    "wrongTypes": [.crun("takes them")],
    "zeroIsNotSet": [.crun("needs the controller nevertheless", .host)],
]
