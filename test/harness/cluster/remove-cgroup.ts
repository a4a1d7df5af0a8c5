import { removeCgroup } from './cgroup.ts'

/** Runs when a cluster's leash is released or its test process is gone: `remove-cgroup.ts NAME`. */
const [name] = process.argv.slice(2)
if (name === undefined) throw new Error('which one?')
await removeCgroup(name)
