/**
 * The name by which AWS knows a time zone. A blueprint may write any name of the IANA database, in any case; AWS knows
 * those that are current (`Asia/Tokyo`, not `Japan` or `asia/tokyo`).
 */
export function awsTimeZone(name: string): string {
  return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
}
