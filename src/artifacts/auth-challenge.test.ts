import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseChallenges } from './auth-challenge.ts'

function parsed(header: string) {
  return parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])
}

it.each([
  ['', []],
  ['Basic', [['basic', {}]]],
  ['Basic realm="a, \\"b\\""', [['basic', { realm: 'a, "b"' }]]],
  [
    'Bearer realm="https://auth.example.com/token",service=reg,scope="repository:a:pull,push"',
    [
      [
        'bearer',
        { realm: 'https://auth.example.com/token', service: 'reg', scope: 'repository:a:pull,push' },
      ],
    ],
  ],
  [
    'Negotiate, BEARER Realm = "x" , Basic realm=y',
    [
      ['negotiate', {}],
      ['bearer', { realm: 'x' }],
      ['basic', { realm: 'y' }],
    ],
  ],
  ['Bearer realm="never closed', [['bearer', {}]]],
  ['=?', []],
])('reads %j', (header, challenges) => {
  expect(parsed(header)).toEqual(challenges)
})

it('ends on any header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), header =>
      Array.isArray(parseChallenges(header)),
    ),
  )
})
