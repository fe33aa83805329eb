/** Path of the pages that replay recordings; they are served with sessions' pages. */
export const replayFolder = '/t/replay/'
