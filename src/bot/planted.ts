import { x } from '@simplewebauthn/server'
export const planted = x
