import { posix } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mountProblems } from './mount-path.ts'

describe('mountProblems', () => {
  it('has nothing against plain absolute paths', () => {
    expect(mountProblems(['/etc/config/settings.json', '/etc/secrets/db-password', '/a'])).toEqual([])
  })

  it.each(['', '/', 'etc/a', '/etc/../a', '/etc/./a', '/etc//a', '/etc/', '/a\0b', '/a\\b', '/a\nb'])(
    'refuses %j',
    path => expect(mountProblems([path])).toHaveLength(1),
  )

  it('refuses files at the same path, and one that runs through another', () => {
    expect(mountProblems(['/a', '/a'])).toEqual(['two files are mounted at the same path'])
    expect(mountProblems(['/etc/a', '/etc/a/b'])).toEqual([
      'the mount path "/etc/a/b" runs through another mounted file',
    ])
  })

  it('lets no path out of the folder that it is put below', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('..', '.', 'a', '', 'b c', '...')), parts => {
        const path = `/${parts.join('/')}`
        if (mountProblems([path]).length > 0) return
        expect(posix.join('/inside', path).startsWith('/inside/')).toBe(true)
      }),
    )
  })
})
