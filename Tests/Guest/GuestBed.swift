import TestBed
import Testing

/// All tests of this bed, one after another: `extension GuestBed { @Suite struct Topic { … } }`.
@Suite(.serialized, .leakChecked, .enabled(if: Bed.isGuest, "needs the guest: sh Tests/run.sh guest"))
enum GuestBed {}
