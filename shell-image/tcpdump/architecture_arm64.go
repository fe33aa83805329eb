package main

// AUDIT_ARCH_AARCH64
const architecture = 0xc00000b7
