# Swift files look as .swift-format says.
swift format lint --strict --parallel -r Package.swift Sources Tests
