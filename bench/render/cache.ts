import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where tools are kept that are built or installed to be compared with. */
export const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice')
