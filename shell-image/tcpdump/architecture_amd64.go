package main

// AUDIT_ARCH_X86_64
const architecture = 0xc000003e
