import TestBed
import Testing

/// All tests of this bed, one after another: `extension HostBed { @Suite struct Topic { … } }`.
@Suite(.serialized, .leakChecked)
enum HostBed {}
