import { expect, it } from 'vitest'
import { readDockerAuths } from './registry-credentials.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

it('reads logins under the names that references have', () => {
  const auths = {
    'https://index.docker.io/v1/': { auth: base64('hub:one') },
    'Registry.Example.com:5000': { auth: base64('me:with:colon') },
    'https://other.example.com/v2/': { username: 'you', password: 'three' },
  }
  expect(readDockerAuths(JSON.stringify({ auths, credsStore: 'desktop' }))).toEqual(
    new Map([
      ['docker.io', { username: 'hub', password: 'one' }],
      ['registry.example.com:5000', { username: 'me', password: 'with:colon' }],
      ['other.example.com', { username: 'you', password: 'three' }],
    ]),
  )
})

it('leaves out entries without a name and a password', () => {
  const auths = { a: {}, b: { auth: base64('nocolon') }, c: null, d: { identitytoken: 'x' }, e: { auth: 7 } }
  expect(readDockerAuths(JSON.stringify({ auths }))).toEqual(new Map())
  expect(readDockerAuths('{}')).toEqual(new Map())
})

it.each(['', '[]', 'null', '{'])('says that %j is no such file', text => {
  expect(readDockerAuths(text)).toBeUndefined()
})
