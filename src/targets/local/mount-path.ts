import { posix } from 'node:path'

/**
 * What keeps files from being mounted at these paths, in words; empty when they may be. They become paths inside
 * an instance's own folder, so each must be absolute and plain, and none may run through another.
 */
export function mountProblems(paths: readonly string[]): readonly string[] {
  const wrong = paths
    .filter(path => !isPlain(path))
    .map(path => `the mount path ${JSON.stringify(path)} is not absolute and plain`)
  const all = new Set(paths)
  const twice = paths.length > all.size ? ['two files are mounted at the same path'] : []
  const through = paths
    .filter(path => ancestors(path).some(folder => all.has(folder)))
    .map(path => `the mount path ${JSON.stringify(path)} runs through another mounted file`)
  return [...wrong, ...twice, ...through]
}

function isPlain(path: string): boolean {
  return /^\/[^\p{Cc}\\]+$/u.test(path) && !path.endsWith('/') && posix.normalize(path) === path
}

function ancestors(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.slice(1, -1).map((_part, index) => parts.slice(0, index + 2).join('/'))
}
