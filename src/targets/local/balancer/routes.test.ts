import { describe, expect, it } from 'vitest'
import { compileRoutes, matchedPath } from './routes.ts'

describe('routes', () => {
  const route = compileRoutes([
    { path: '/', service: 'web' },
    { path: '/api', service: 'api' },
    { path: '/api/v2/', service: 'api2' },
    { path: '/admin', service: 'admin' },
    { host: 'Shop.example.com', path: '/', service: 'shop' },
    { host: '*.example.com', path: '/', service: 'any' },
    { host: '*.eu.example.com', path: '/', service: 'eu' },
  ])

  it.each([
    ['x', '/', 'web'],
    ['x', '/api', 'api'],
    ['x', '/api?q=1', 'api'],
    ['x', '/api/', 'api'],
    ['x', '/apix', 'web'],
    ['x', '/api/v2', 'api2'],
    ['x', '/api/v2/z', 'api2'],
    ['x', '/api/v22', 'api'],
    ['x', '*', 'web'],
    ['SHOP.example.com:8080', '/api', 'shop'],
    ['shop.example.com.', '/', 'shop'],
    ['a.example.com', '/', 'any'],
    ['a.eu.example.com', '/', 'eu'],
    ['example.com', '/', 'web'],
    ['badexample.com', '/', 'web'],
    ['[::1]:80', '/admin', 'admin'],
  ])('sends %s %s to %s', (host, target, service) => {
    expect(route(host, target)).toBe(service)
  })

  it.each([
    ['/api/../admin', '/admin'],
    ['/api/%2e%2E/admin', '/admin'],
    ['/api/.%2e/admin', '/admin'],
    ['/api%2f..%2fadmin', '/admin'],
    ['/api/..\\admin', '/admin'],
    ['/api/..%5cadmin', '/admin'],
    ['//admin', '/admin'],
    ['/./admin/.', '/admin'],
    ['/%61dmin', '/admin'],
    ['/../../admin', '/admin'],
    ['/%252e%252e/admin', '/%252e%252e/admin'],
    ['/a%20b', '/a%20b'],
    ['/.well-known/x', '/.well-known/x'],
    ['/a?next=/../b', '/a'],
    ['/%', '/%'],
  ])('matches %s as %s, as the most eager backend would read it', (target, path) => {
    expect(matchedPath(target)).toBe(path)
  })

  it('has no answer where no route fits', () => {
    expect(compileRoutes([])('x', '/')).toBeUndefined()
    expect(compileRoutes([{ path: '/api', service: 'api' }])('x', '/')).toBeUndefined()
  })
})
