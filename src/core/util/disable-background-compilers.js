// Makes V8 compile with Sparkplug in the main thread, and not at all with Maglev, which is what Node 22 did.
// `process.exit` waits for V8's threads: one that compiles and needs memory waits for a garbage collection, for which the main thread would
// have to run. Both then wait forever (nodejs/node#54918, nodejs/node#64274, decision 143). Import it first in each program that calls
// `process.exit`: what V8 was given to compile before is still compiled in a thread.
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--no-concurrent-sparkplug')
setFlagsFromString('--no-maglev')
