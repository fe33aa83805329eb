import type { NamedReader } from './readers.ts'

/** Readers that are code, by the name with which a check uses them. */
export const namedReaders: ReadonlyMap<string, NamedReader> = new Map<string, NamedReader>([])
