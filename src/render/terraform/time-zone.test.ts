import { describe, expect, it } from 'vitest'
import { awsTimeZone } from './time-zone.ts'

describe('a time zone for AWS', () => {
  it.each([
    'Asia/Kolkata',
    'Europe/Kyiv',
    'America/Nuuk',
    'America/Argentina/Buenos_Aires',
    'Asia/Tokyo',
    'UTC',
  ])('is %s where the blueprint says so', name => expect(awsTimeZone(name)).toBe(name))

  it('keeps a former name that the blueprint writes', () => {
    expect(awsTimeZone('Asia/Calcutta')).toBe('Asia/Calcutta')
  })

  it.each([
    ['Japan', 'Asia/Tokyo'],
    ['asia/tokyo', 'Asia/Tokyo'],
    ['ASIA/KOLKATA', 'Asia/Kolkata'],
    ['US/East-Indiana', 'America/Indiana/Indianapolis'],
  ])('is for %s the name that is current, %s', (name, current) => expect(awsTimeZone(name)).toBe(current))
})
