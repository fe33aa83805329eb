/** Does the work of one hop of a run, and notes how long it took where somebody wants to know. Resolves and rejects as the work does. */
export type Span = <T>(run: string, hop: string, work: () => Promise<T>) => Promise<T>
