import { expect, it } from 'vitest'
import { UserError } from '../../model/user-error.ts'
import { readPostgresAddress } from './postgres-address.ts'

it('shows host and database of an address, never its user and password', () => {
  const { name, config } = readPostgresAddress('postgres://ada:pa%2Fss@db.example.com/sluice')
  expect(name).toBe('db.example.com/sluice')
  expect(config).toMatchObject({ host: 'db.example.com', port: 5432, user: 'ada', password: 'pa/ss' })
  expect(readPostgresAddress('postgresql://[::1]:6432/shop').name).toBe('::1:6432/shop')
})

it('takes the folder of a Unix socket as the host', () => {
  const { config } = readPostgresAddress('postgres:///sluice?host=/run/postgresql')
  expect(config).toMatchObject({ host: '/run/postgresql', database: 'sluice', ssl: false })
})

it.each([
  ['postgres://127.0.0.1/db', false],
  ['postgres://localhost/db', false],
  ['postgres://db.example.com/db', { rejectUnauthorized: true }],
  ['postgres://127.example.com/db', { rejectUnauthorized: true }],
  ['postgres://db.example.com/db?sslmode=verify-full', { rejectUnauthorized: true }],
  ['postgres://db.example.com/db?sslmode=require', { rejectUnauthorized: false }],
  ['postgres://db.example.com/db?sslmode=disable', false],
])('encrypts what leaves the machine unless told otherwise: %s', (url, ssl) => {
  expect(readPostgresAddress(url).config.ssl).toEqual(ssl)
})

it.each([
  ['mysql://u:hunter2@h/db', 'is no address of PostgreSQL'],
  ['hunter2', 'is no address of PostgreSQL'],
  ['postgres://u:hunter2@h:port/db', 'is no address of PostgreSQL'],
  ['postgres://u:hunter2@one,two:5432:1/db', 'is no address of PostgreSQL'],
  ['postgres://u:hunter2@h', 'names no database'],
  ['postgres:///db', 'names no host'],
  ['postgres://u:hunter2%zz@h/db', 'has a % that stands for nothing'],
  ['postgres://u:hunter2@h/db?sslmode=prefer', 'has sslmode=prefer'],
  ['postgres://u:hunter2@h/db?pgbouncer=true', 'has the parameter pgbouncer'],
  ['postgres://u:hunter2@h/db?sslmode=require&sslrootcert=/no/such/file', 'can not be read (ENOENT)'],
])('refuses %s without repeating the password', (url, what) => {
  let refusal: unknown
  try {
    readPostgresAddress(url)
  } catch (error) {
    refusal = error
  }
  expect(refusal).toBeInstanceOf(UserError)
  expect(String(refusal)).toContain(what)
  expect(String(refusal)).not.toContain('hunter2')
})
