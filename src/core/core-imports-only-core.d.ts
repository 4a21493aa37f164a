// Every package import in src/core is mapped to this file, which is not a module: it does not compile.
