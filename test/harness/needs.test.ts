import { afterEach, expect, it, vi } from 'vitest'
import { needs } from './needs.ts'

afterEach(() => vi.unstubAllEnvs())

it('runs what has its program', () => {
  vi.stubEnv('CI', 'true')
  expect(needs('sh', 'apt-get install dash')).toBe(true)
})

it('fails in CI where a program is missing, and says how to install it', () => {
  vi.stubEnv('CI', 'true')
  expect(() => needs('no-such-program', 'apt-get install it')).toThrow(
    'no-such-program is not installed; install it with: apt-get install it',
  )
})

it('names what is left out elsewhere', () => {
  vi.stubEnv('CI', '')
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  expect(needs('no-such-program', 'apt-get install it')).toBe(false)
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('Left out: no-such-program'))
  warn.mockRestore()
})
