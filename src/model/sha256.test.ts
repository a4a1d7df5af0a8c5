import { expect, it } from 'vitest'
import { isDigest } from './digest.ts'
import { sha256 } from './sha256.ts'

it('hashes as FIPS 180-2 says for its example "abc"', () => {
  const hex = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(sha256('abc')).toBe(`sha256:${hex}`)
  expect(sha256(Buffer.from('abc'))).toBe(`sha256:${hex}`)
})

it('hashes text as its UTF-8', () => {
  expect(sha256('é☃')).toBe(sha256(new Uint8Array([0xc3, 0xa9, 0xe2, 0x98, 0x83])))
  expect(isDigest(sha256(''))).toBe(true)
})
