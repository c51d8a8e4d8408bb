internal import FuzzInputs
internal import Glibc

/// What `FUZZ_INPUT` names is read from every text that libFuzzer makes up.
private let input: FuzzInput = {
    guard let name = getenv("FUZZ_INPUT"), let input = FuzzInput(rawValue: String(cString: name)) else {
        fatalError("FUZZ_INPUT must be one of \(FuzzInput.allCases.map(\.rawValue))")
    }
    return input
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = input.accepts(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
}
