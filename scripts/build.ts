import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPackage } from './build-package.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

// Another folder than dist/ may be named.
await buildPackage(resolve(process.argv[2] ?? join(ROOT, 'dist')))
