import { describe, expect, it } from 'vitest'
import { blueprintOf } from './blueprint.fixture.ts'
import { detectServices, type FolderReader, nameFrom } from './detect.ts'
import { resolveService } from './resolve-service.ts'
import { starter } from './starter.ts'

/** A folder that exists in memory only. */
function folder(files: Readonly<Record<string, string>>): FolderReader {
  return {
    read: path => files[path],
    folders: path => {
      const start = path === '' ? '' : `${path}/`
      const below = Object.keys(files).filter(
        file => file.startsWith(start) && file.slice(start.length).includes('/'),
      )
      return [...new Set(below.map(file => file.slice(start.length).split('/')[0] ?? ''))]
    },
  }
}

describe('what is found in a folder', () => {
  it('is one service for a program of its own', () => {
    const found = detectServices(
      folder({
        'package.json': '{"scripts": {"start": "node server.js"}}',
        'server.js': `if (url === '/healthz') ok()\nserver.listen(process.env.PORT ?? 8080)`,
      }),
      'my-app',
    )
    expect(found).toEqual([
      {
        name: 'my-app',
        build: '.',
        command: 'node server.js',
        port: 8080,
        liveness: '/healthz',
        readiness: '/healthz',
        public: true,
      },
    ])
  })

  it('is a service for each folder that can be built, the front one public', () => {
    const found = detectServices(
      folder({
        'api/Dockerfile': 'FROM node AS build\nEXPOSE 9999\nFROM node\nEXPOSE 4000/tcp\n',
        'apps/web/package.json': '{"scripts": {"start": "next start -p 3001"}}',
        'docs/package.json': '{"scripts": {"start": "x"}}',
        'node_modules/x/package.json': '{"main": "x.js"}',
        'lib/package.json': '{}',
      }),
      'shop',
    )
    expect(found).toEqual([
      { name: 'api', build: './api', port: 4000, public: false },
      { name: 'web', build: './apps/web', command: 'next start -p 3001', port: 3001, public: true },
    ])
  })

  it('is nothing where there is nothing, and no broken package.json stops it', () => {
    expect(detectServices(folder({ 'package.json': '{' }), 'shop')).toEqual([])
  })

  it('gets names that a blueprint accepts', () => {
    expect(['My App', '@team/web_app', '42', '---', 'x'.repeat(60)].map(nameFrom)).toEqual([
      'my-app',
      'web-app',
      'app',
      'app',
      'x'.repeat(40),
    ])
  })
})

describe('the first blueprint', () => {
  it('is valid, names the schema in its first line, and keeps what was found', () => {
    const text = starter({
      project: 'shop',
      services: [
        {
          name: 'web',
          build: './apps/my web',
          command: 'npm start',
          port: 4000,
          liveness: '/up',
          readiness: '/up',
        },
        {
          name: 'api',
          image: 'registry.example.com/api:1.2',
          command: 'a && b',
          public: false,
          liveness: '/live',
        },
      ],
    })
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./.sluice/schema.json')
    const blueprint = blueprintOf(text)
    expect(resolveService(blueprint, 'dev', 'web')).toMatchObject({
      command: ['npm', 'start'],
      port: 4000,
      health: { liveness: { path: '/up' }, readiness: { path: '/up' } },
      ingress: [{ path: '/' }],
    })
    expect(resolveService(blueprint, 'dev', 'api')).toMatchObject({
      command: ['sh', '-c', 'a && b'],
      health: { liveness: { path: '/live' }, readiness: { path: '/ready' } },
      ingress: [],
    })
    expect(blueprint.services['web']?.build).toEqual({ context: './apps/my web' })
  })
})
