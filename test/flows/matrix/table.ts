/**
 * What every route of the example app answers to every kind of visitor, written down from the HTTP contract
 * by hand. A cell is a status, then where it leads or the code of the error; `=` is the cell to the left.
 *
 * anon    nobody: no session, or one whose login is over, however that came
 * owed    the password was right, the second factor is owed
 * ended   a half login that ran out of time or tries
 * fresh   complete, the second factor proven just now
 * stale   complete, the proof is older than five minutes
 * exempt  complete just now, of somebody without a second factor
 * old     the same, more than five minutes ago
 */
export const columns = ['anon', 'owed', 'ended', 'fresh', 'stale', 'exempt', 'old'] as const;
export type Column = (typeof columns)[number];

/** Pages: what a browser gets that asks for HTML. */
export const pages = `
GET /                    | 200                      | 303 /2fa?to=/            | 200                      | =   | =   | =   | =
GET /login               | 200                      | 303 /2fa                 | 200                      | =   | =   | =   | =
GET /account             | 303 /login?to=/account   | 303 /2fa?to=/account     | 303 /login?to=/account   | 200 | =   | =   | =
GET /account?a=1&b=2     | 303 /login?to=/account?a=1&b=2 | 303 /2fa?to=/account?a=1&b=2 | 303 /login?to=/account?a=1&b=2 | 200 | = | = | =
GET /api/me              | 401 sign_in_required     | 303 /2fa?to=/api/me      | 401 sign_in_required     | 200 | =   | =   | =
GET /billing             | 303 /login?to=/billing   | 303 /2fa?to=/billing     | 303 /login?to=/billing   | 200 | 303 /2fa/confirm?to=/billing | 200 | 401
GET /outbox              | 200                      | =                        | =                        | =   | =   | =   | =
GET /outbox.json         | 200                      | =                        | =                        | =   | =   | =   | =
GET /nothing             | 404                      | 303 /2fa?to=/nothing     | 404                      | =   | =   | =   | =
GET /logout              | 404                      | =                        | =                        | =   | =   | =   | =
GET /webadmin.css        | 200                      | =                        | =                        | =   | =   | =   | =
GET /favicon.ico         | 302 /icon.svg            | =                        | =                        | =   | =   | =   | =
GET /2fa/assets/style.css | 200                     | =                        | =                        | =   | =   | =   | =
GET /2fa/assets/nothing  | 401                      | 404                      | 401                      | 404 | =   | =   | =

POST /login {self}       | 303 /2fa                 | =                        | =                        | =   | =   | 303 / | =
POST /login {other}      | 303 /                    | =                        | =                        | =   | =   | =   | =
POST /login {bad}        | 422                      | =                        | =                        | =   | =   | =   | =
POST /login {}           | 422                      | =                        | =                        | =   | =   | =   | =
POST /logout {}          | 303 /                    | =                        | =                        | =   | =   | =   | =
POST /account/password {change} | 303 /login        | =                        | =                        | 303 /account?notice=password-changed | = | = | =
POST /account {}         | 404                      | =                        | =                        | =   | =   | =   | =
POST /nothing {}         | 404                      | =                        | =                        | =   | =   | =   | =

GET /2fa                 | 401                      | 200                      | 401                      | 303 / | = | = | =
GET /2fa?to=%2Faccount   | 401                      | 200                      | 401                      | 303 /account | = | = | =
GET /2fa?to=%2F%2Fevil.example | 401                | 200                      | 401                      | 303 / | = | = | =
GET /2fa/choose          | 401                      | 200                      | 401                      | 200 | =   | 303 / | =
GET /2fa/confirm?to=%2Fbilling | 401                | 200                      | 401                      | 200 | =   | 401 | =
GET /2fa/totp            | 401                      | 200                      | 401                      | 200 | =   | 404 | =
GET /2fa/backup-code     | 401                      | 200                      | 401                      | 200 | =   | 404 | =
GET /2fa/cancel          | 401                      | 404                      | 401                      | 404 | =   | =   | =
GET /2fa/otp-sms         | 401                      | 404                      | 401                      | 404 | =   | =   | =
GET /2fa/webauthn        | 401                      | 404                      | 401                      | 404 | =   | =   | =
GET /2fa/nothing         | 401                      | 404                      | 401                      | 404 | =   | =   | =
POST /2fa/totp {right}   | 401                      | 303 /                    | 401                      | 303 / | =  | 404 | =
POST /2fa/totp?to=%2Faccount {right} | 401          | 303 /account             | 401                      | 303 /account | = | 404 | =
POST /2fa/totp {wrong}   | 401                      | 422                      | 401                      | 422 | =   | 404 | =
POST /2fa/totp {letters} | 401                      | 422                      | 401                      | 422 | =   | 4xx | =
POST /2fa/totp {}        | 401                      | 422                      | 401                      | 422 | =   | 4xx | =
POST /2fa/backup-code {backup} | 401                | 303 /2fa/backup-code-used?to=/ | 401                      | 303 / | =  | 404 | =
POST /2fa/backup-code {wrong}  | 401                | 422                      | 401                      | 422 | =   | 4xx | =
POST /2fa/cancel {}      | 401                      | 303 /login               | =                        | =   | =   | =   | =
POST /2fa/cancel?to=%2Faccount {} | 401             | 303 /login?to=/account   | =                        | =   | =   | =   | =
POST /2fa/otp-sms/send {} | 401                     | 404                      | 401                      | 404 | =   | =   | =
POST /2fa/webauthn {answer} | 401                   | 404                      | 401                      | 404 | =   | =   | =
POST /2fa/webauthn/options {} | 401                 | 404                      | 401                      | 404 | =   | =   | =
POST /2fa/passkey/nothing {} | 401                  | 404                      | 401                      | 404 | =   | =   | =
POST /2fa/nothing {}     | 401                      | 404                      | 401                      | 404 | =   | =   | =

GET /2fa/browser/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA | 404       | =                        | =                        | =   | =   | =   | =
GET /2fa/browser/send    | 401                      | 404                      | 401                      | 404 | =   | =   | =
POST /2fa/browser/send {} | 401                     | 404                      | 401                      | 404 | =   | =   | =
POST /2fa/browser/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA {} | 404   | =                        | =                        | =   | =   | =   | =
POST /2fa/browser/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/block {} | 404 | =                    | =                        | =   | =   | =   | =
POST /2fa/browser/nothing {} | 401                  | 404                      | 401                      | 404 | =   | =   | =

GET /2fa/security        | 401                      | 303 /2fa?to=/2fa/security | 401                     | 200 | =   | =   | =
GET /2fa/security/totp   | 401                      | 303 /2fa?to=/2fa/security/totp | 401                | 200 | 303 /2fa/confirm?to=/2fa/security/totp | 200 | 401
GET /2fa/security/otp-sms | 401                     | 303 /2fa?to=/2fa/security/otp-sms | 401             | 200 | 303 /2fa/confirm?to=/2fa/security/otp-sms | 200 | 401
GET /2fa/security/otp-email | 401                   | 303 /2fa?to=/2fa/security/otp-email | 401           | 200 | 303 /2fa/confirm?to=/2fa/security/otp-email | 200 | 401
GET /2fa/security/backup-codes | 401                | 303 /2fa?to=/2fa/security/backup-codes | 401        | 200 | =   | =   | =
GET /2fa/security/activity | 401 | 303 /2fa?to=/2fa/security/activity | 401 | 200 | = | = | =
GET /2fa/security/activity.csv | 401 | 303 /2fa?to=/2fa/security/activity.csv | 401 | 200 | = | = | =
GET /2fa/security/activity.json | 401 | 303 /2fa?to=/2fa/security/activity.json | 401 | 200 | = | = | =
GET /2fa/security/factors/:own | 401                | 303 /2fa?to=/2fa/security/factors/:own | 401        | 200 | =   | 404 | =
GET /2fa/security/factors/:other | 401              | 303 /2fa?to=/2fa/security/factors/:other | 401      | 404 | =   | =   | =
GET /2fa/security/webauthn | 401                    | 303 /2fa?to=/2fa/security/webauthn | 401            | 200 | 303 /2fa/confirm?to=/2fa/security/webauthn | 200 | 401
GET /2fa/request-ended?to=%2Faccount | 401          | 303 /2fa?to=/account     | 401                      | 303 /account | = | = | =
GET /2fa/add-passkey?to=%2Faccount | 401            | 303 /2fa?to=/account | 401    | 200 | =   | =   | =
GET /2fa/backup-code-used?to=%2Faccount | 401       | 303 /2fa?to=/account     | 401                      | 303 /account | = | = | =
GET /2fa/security/factors/:own/rename | 401         | 303 /2fa?to=/2fa/security/factors/:own/rename | 401 | 200 | =   | 404 | =
GET /2fa/security/factors/:own/prefer | 401         | 303 /2fa?to=/2fa/security/factors/:own/prefer | 401 | 200 | =   | 404 | =
GET /2fa/security/factors/:own/remove | 401         | 303 /2fa?to=/2fa/security/factors/:own/remove | 401 | 200 | =   | 404 | =
GET /2fa/security/factors/:other/remove | 401       | 303 /2fa?to=/2fa/security/factors/:other/remove | 401 | 404 | = | = | =
GET /2fa/security/sign-out-everywhere | 401         | 303 /2fa?to=/2fa/security/sign-out-everywhere | 401 | 200 | =   | =   | =
GET /2fa/security/browsers | 401                  | 303 /2fa?to=/2fa/security/browsers | 401             | 200 | =   | =   | =
GET /2fa/security/logins   | 401                    | 303 /2fa?to=/2fa/security/logins | 401             | 200 | =   | =   | =
GET /2fa/security/logins/none/end | 401             | 303 /2fa?to=/2fa/security/logins/none/end | 401    | 404 | =   | =   | =
GET /2fa/security/logins/end-others | 401           | 303 /2fa?to=/2fa/security/logins/end-others | 401  | 200 | =   | =   | =
GET /2fa/security/nothing  | 401                    | 303 /2fa?to=/2fa/security/nothing | 401             | 404 | =   | =   | =
POST /2fa/security/totp {right} | 401               | 303 /2fa                 | 401                      | 409 | =   | =   | =
POST /2fa/security/totp/begin {} | 401              | 303 /2fa                 | 401                      | 303 /2fa/security/totp | 403 | 303 /2fa/security/totp | 401
POST /2fa/security/totp/cancel {} | 401             | 303 /2fa                 | 401                      | 303 /2fa/security | = | = | =
POST /2fa/security/otp-sms/send {} | 401            | 303 /2fa                 | 401                      | 422 | 403 | 422 | 401
POST /2fa/security/otp-email {letters} | 401        | 303 /2fa                 | 401                      | 422 | 403 | 422 | 401
POST /2fa/security/otp-sms/cancel {} | 401          | 303 /2fa                 | 401                      | 303 /2fa/security | = | = | =
POST /2fa/security/webauthn {answer} | 401          | 303 /2fa                 | 401                      | 409 | =   | =   | =
POST /2fa/security/webauthn/cancel {} | 401         | 303 /2fa                 | 401                      | 303 /2fa/security | = | = | =
POST /2fa/security/backup-codes {} | 401            | 303 /2fa                 | 401                      | 303 /2fa/security/backup-codes | 403 | 409 | 401
POST /2fa/security/backup-codes/acknowledge {backup} | 401 | 303 /2fa          | 401                      | 409 | =   | =   | =
POST /2fa/security/backup-codes/download {} | 401   | 303 /2fa                 | 401                      | 409 | =   | =   | =
POST /2fa/security/backup-codes/cancel {} | 401     | 303 /2fa                 | 401                      | 303 /2fa/security | = | = | =
POST /2fa/security/sign-out-everywhere {} | 401     | 303 /2fa                 | 401                      | 303 /2fa/security | 403 | 303 /2fa/security | 401
POST /2fa/security/browsers/forget {} | 401         | 303 /2fa                 | 401                      | 303 /2fa/security/browsers | = | = | =
POST /2fa/security/browsers/none/forget {} | 401    | 303 /2fa                 | 401                      | 404 | =   | =   | =
POST /2fa/security/logins/none/end {} | 401         | 303 /2fa                 | 401                      | 404 | =   | =   | =
POST /2fa/security/logins/end-others {} | 401       | 303 /2fa                 | 401                      | 303 /2fa/security/logins | 403 | 303 /2fa/security/logins | 401
POST /2fa/security/factors/:own/rename {label} | 401 | 303 /2fa                | 401                      | 303 /2fa/security | 403 | 404 | =
POST /2fa/security/factors/:own/prefer {} | 401     | 303 /2fa                 | 401                      | 303 /2fa/security | 403 | 404 | =
POST /2fa/security/factors/:own/remove {} | 401     | 303 /2fa                 | 401                      | 303 /2fa/security | 403 | 404 | =
POST /2fa/security/factors/:other/remove {} | 401   | 303 /2fa                 | 401                      | 404 | =   | =   | =
POST /2fa/security/nothing {} | 401                 | 303 /2fa                 | 401                      | 404 | =   | =   | =

GET //account            | 404                      | 303 /2fa                 | 404                      | =   | =   | =   | =
GET //evil.example/      | 404                      | 303 /2fa                 | 404                      | =   | =   | =   | =
GET /account/            | 303 /login?to=/account/  | 303 /2fa?to=/account/    | 303 /login?to=/account/  | 200 | =   | =   | =
GET /ACCOUNT             | 303 /login?to=/ACCOUNT   | 303 /2fa?to=/ACCOUNT     | 303 /login?to=/ACCOUNT   | 200 | =   | =   | =
GET /BILLING/            | 303 /login?to=/BILLING/  | 303 /2fa?to=/BILLING/    | 303 /login?to=/BILLING/  | 200 | 303 /2fa/confirm?to=/BILLING/ | 200 | 401
GET /account%2F          | 404                      | 303 /2fa?to=/account%2F  | 404                      | =   | =   | =   | =
GET /%61ccount           | 404                      | 303 /2fa?to=/%61ccount   | 404                      | =   | =   | =   | =
GET /account/../billing  | 404                      | 303 /2fa?to=/billing     | 404                      | =   | =   | =   | =
GET /account//           | 404                      | 303 /2fa?to=/account//   | 404                      | =   | =   | =   | =
GET /%                   | 404                      | 303 /2fa?to=/%           | 404                      | =   | =   | =   | =
GET /2fa/                | 401                      | 200                      | 401                      | 303 / | = | = | =
GET /2fa/security/       | 401                      | 303 /2fa?to=/2fa/security/ | 401                    | 404 | =   | =   | =
GET //2fa/security       | 404                      | 303 /2fa                 | 404                      | =   | =   | =   | =
GET /2fa//security       | 401                      | 404                      | 401                      | 404 | =   | =   | =
GET /2FA/security        | 404                      | 303 /2fa?to=/2FA/security | 404                     | =   | =   | =   | =
GET /2fa/SECURITY        | 401                      | 404                      | 401                      | 404 | =   | =   | =
GET /2fa%2Fsecurity      | 404                      | 303 /2fa?to=/2fa%2Fsecurity | 404                   | =   | =   | =   | =
GET /2fa/security%2Ftotp | 401                      | 303 /2fa?to=/2fa/security%2Ftotp | 401              | 404 | =   | =   | =
GET /2fa/security/factors/% | 401                   | 303 /2fa?to=/2fa/security/factors/% | 401           | 4xx | =   | =   | =
GET /2fa/security/factors/..%2f..%2fx | 401         | 303 /2fa?to=/2fa/security/factors/..%2f..%2fx | 401 | 404 | =   | =   | =
`;

/** Scripts: the same in JSON. There are no redirects, and the app's own pages stay pages. */
export const scripts = `
GET /                    | 200                  | 401 second_factor_required | 200                  | =   | =   | =   | =
GET /login               | 200                  | 401 second_factor_required | 200                  | =   | =   | =   | =
GET /account             | 401 sign_in_required | 401 second_factor_required | 401 sign_in_required | 200 | =   | =   | =
GET /api/me              | 401 sign_in_required | 401 second_factor_required | 401 sign_in_required | 200 | =   | =   | =
GET /billing             | 401 sign_in_required | 401 second_factor_required | 401 sign_in_required | 200 | 403 step_up_required | 200 | 401 sign_in_required
GET /outbox.json         | 200                  | =                        | =                        | =   | =   | =   | =
GET /nothing             | 404 not_found        | 401 second_factor_required | 404 not_found        | =   | =   | =   | =
GET /logout              | 404 not_found        | =                          | =                    | =   | =   | =   | =
GET /2fa/assets/nothing  | 401 sign_in_required | 404 not_found | 401 half_login_ended | 404 not_found | = | = | =

POST /login {self}       | 401 second_factor_required | =                    | =                    | =   | =   | 200 | =
POST /login {other}      | 200                  | =                          | =                    | =   | =   | =   | =
POST /login {bad}        | 401 wrong_password   | =                          | =                    | =   | =   | =   | =
POST /login {}           | 400 malformed        | =                          | =                    | =   | =   | =   | =
POST /logout {}          | 200 signed_out       | =                          | =                    | =   | =   | =   | =
POST /account/password {change} | 401 sign_in_required | =                   | =                    | 200 changed | = | = | =
POST /account {}         | 404 not_found        | =                          | =                    | =   | =   | =   | =
PUT /nothing {}          | 404 not_found        | =                          | =                    | =   | =   | =   | =

GET /2fa                 | 401 sign_in_required | 200 owed                   | 401 half_login_ended | 200 passed | = | = | =
GET /2fa/choose          | 401 sign_in_required | 200 owed                   | 401 half_login_ended | 200 passed | = | = | =
GET /2fa/confirm?to=%2Fbilling | 401 sign_in_required | 200 owed             | 401 half_login_ended | 200 confirm | = | 401 sign_in_required | =
GET /2fa/totp            | 401 sign_in_required | 200 owed                   | 401 half_login_ended | 200 confirm | = | 404 not_found | =
GET /2fa/backup-code     | 401 sign_in_required | 200 owed                   | 401 half_login_ended | 200 confirm | = | 404 not_found | =
GET /2fa/cancel          | 401 sign_in_required | 404 not_found              | 401 half_login_ended | 404 not_found | = | = | =
GET /2fa/otp-sms         | 401 sign_in_required | 404 not_found              | 401 half_login_ended | 404 not_found | = | = | =
GET /2fa/webauthn        | 401 sign_in_required | 404 not_found              | 401 half_login_ended | 404 not_found | = | = | =
GET /2fa/passkey         | 401 sign_in_required | 404 not_found              | 401 half_login_ended | 404 not_found | = | = | =
GET /2fa/backup-code-used?to=%2Faccount | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 passed | = | = | =
GET /2fa/request-ended?to=%2Faccount | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 passed | = | = | =
GET /2fa/add-passkey?to=%2Faccount | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 passed | = | = | =
GET /2fa/nothing         | 401 sign_in_required | 404 not_found              | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/totp {right}   | 401 sign_in_required | 200 passed                 | 401 half_login_ended | 200 passed | = | 404 not_found | =
POST /2fa/totp {wrong}   | 401 sign_in_required | 401 wrong_code             | 401 half_login_ended | 401 wrong_code | = | 404 not_found | =
POST /2fa/totp {letters} | 401 sign_in_required | 400 malformed              | 401 half_login_ended | 400 malformed | = | 4xx | =
POST /2fa/totp {}        | 401 sign_in_required | 400 malformed              | 401 half_login_ended | 400 malformed | = | 4xx | =
POST /2fa/backup-code {backup} | 401 sign_in_required | 200 passed           | 401 half_login_ended | 200 passed | = | 404 not_found | =
POST /2fa/backup-code {wrong}  | 401 sign_in_required | 400 malformed        | 401 half_login_ended | 400 malformed | = | 4xx | =
POST /2fa/cancel {}      | 401 sign_in_required | 200 cancelled              | =                    | =   | =   | =   | =
POST /2fa/otp-sms/send {} | 401 sign_in_required | 404 not_found             | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/otp-email/send {} | 401 sign_in_required | 404 not_found           | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/webauthn {answer} | 401 sign_in_required | 404 not_found           | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/webauthn/options {} | 401 sign_in_required | 404 not_found         | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/passkey/options {} | 200              | =                          | =                    | =   | =   | =   | =
POST /2fa/passkey {}     | 4xx                  | =                          | =                    | =   | =   | =   | =
POST /2fa/passkey {answer} | 4xx                | =                          | =                    | =   | =   | =   | =
POST /2fa/nothing {}     | 401 sign_in_required | 404 not_found              | 401 half_login_ended | 404 not_found | = | = | =
DELETE /2fa/nothing {}   | 401 sign_in_required | 404 not_found              | 401 half_login_ended | 404 not_found | = | = | =

GET /2fa/browser/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA | 404 not_found | =          | =                    | =   | =   | =   | =
GET /2fa/browser/send    | 401 sign_in_required | 404 not_found              | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/browser/send {} | 401 sign_in_required | 404 not_found             | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/browser/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA {} | 404 not_found | =      | =                    | =   | =   | =   | =
POST /2fa/browser/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/block {} | 404 not_found | = | =                   | =   | =   | =   | =

GET /2fa/security        | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | =   | =   | =
GET /2fa/security/totp   | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 200 | 401 sign_in_required
GET /2fa/security/otp-sms | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 200 | 401 sign_in_required
GET /2fa/security/webauthn | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 200 | 401 sign_in_required
GET /2fa/security/backup-codes | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | = | = | =
GET /2fa/security/activity | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | = | = | =
GET /2fa/security/activity.csv | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | = | = | =
GET /2fa/security/activity.json | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | = | = | =
GET /2fa/security/factors/:own | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | = | 404 not_found | =
GET /2fa/security/factors/:other | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 404 not_found | = | = | =
GET /2fa/security/browsers | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | = | = | =
GET /2fa/security/logins | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | = | = | =
GET /2fa/security/logins/end-others | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 404 not_found | = | = | =
GET /2fa/security/nothing | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/security/totp {right} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 409 conflict | = | = | =
POST /2fa/security/totp/begin {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 200 | 401 sign_in_required
POST /2fa/security/totp/cancel {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 cancelled | = | = | =
POST /2fa/security/otp-sms/send {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 400 malformed | 403 step_up_required | 400 malformed | 401 sign_in_required
POST /2fa/security/otp-email {letters} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 400 malformed | = | = | =
POST /2fa/security/otp-email/cancel {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 cancelled | = | = | =
POST /2fa/security/webauthn {answer} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 409 conflict | = | = | =
POST /2fa/security/webauthn {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 4xx | = | = | =
POST /2fa/security/webauthn/options {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 200 | 401 sign_in_required
POST /2fa/security/webauthn/cancel {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 cancelled | = | = | =
POST /2fa/security/backup-codes {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 201 | 403 step_up_required | 409 conflict | 401 sign_in_required
POST /2fa/security/backup-codes/acknowledge {backup} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 409 conflict | = | = | =
POST /2fa/security/backup-codes/cancel {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 cancelled | = | = | =
POST /2fa/security/sign-out-everywhere {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 signed_out_elsewhere | 403 step_up_required | 200 signed_out_elsewhere | 401 sign_in_required
POST /2fa/security/browsers/forget {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 forgotten | = | = | =
POST /2fa/security/browsers/none/forget {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/security/logins/none/end {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/security/logins/end-others {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 ended | 403 step_up_required | 200 ended | 401 sign_in_required
POST /2fa/security/factors/:own/rename {label} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 404 not_found | =
PATCH /2fa/security/factors/:own {label} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 404 not_found | =
POST /2fa/security/factors/:own/prefer {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 404 not_found | =
POST /2fa/security/factors/:own/remove {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 404 not_found | =
DELETE /2fa/security/factors/:own {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 404 not_found | =
POST /2fa/security/factors/:other/remove {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 404 not_found | = | = | =
DELETE /2fa/security/factors/:other {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/security/nothing {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 404 not_found | = | = | =

GET //account            | 404 not_found        | 401 second_factor_required | 404 not_found        | =   | =   | =   | =
GET /account/            | 401 sign_in_required | 401 second_factor_required | 401 sign_in_required | 200 | =   | =   | =
GET /API/ME              | 401 sign_in_required | 401 second_factor_required | 401 sign_in_required | 200 | =   | =   | =
GET /BILLING/            | 401 sign_in_required | 401 second_factor_required | 401 sign_in_required | 200 | 403 step_up_required | 200 | 401 sign_in_required
GET /account%2F          | 404 not_found        | 401 second_factor_required | 404 not_found        | =   | =   | =   | =
GET /2fa/                | 401 sign_in_required | 200 owed                   | 401 half_login_ended | 200 passed | = | = | =
GET /2fa/security/       | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 404 not_found | = | = | =
GET //2fa/security       | 404 not_found        | 401 second_factor_required | 404 not_found        | =   | =   | =   | =
GET /2fa//security       | 401 sign_in_required | 404 not_found              | 401 half_login_ended | 404 not_found | = | = | =
GET /2FA/security        | 404 not_found        | 401 second_factor_required | 404 not_found        | =   | =   | =   | =
GET /2fa%2Fsecurity      | 404 not_found        | 401 second_factor_required | 404 not_found        | =   | =   | =   | =
GET /2fa/security/factors/% | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 4xx | = | = | =
`;

/** Pages again, of people who have a security key beside their app: what differs for them. */
export const keyPages = `
GET /2fa                 | 401                      | 200                      | 401                      | 303 / | = | = | =
GET /2fa/choose          | 401                      | 200                      | 401                      | 200 | =   | 303 / | =
GET /2fa/confirm?to=%2Fbilling | 401                | 200                      | 401                      | 200 | =   | 401 | =
GET /2fa/totp            | 401                      | 200                      | 401                      | 200 | =   | 404 | =
GET /2fa/webauthn        | 401                      | 200                      | 401                      | 200 | =   | 404 | =
GET /2fa/webauthn/options | 401                     | 404                      | 401                      | 404 | =   | =   | =
POST /2fa/webauthn {answer} | 401                   | 303 /                    | 401                      | 303 / | = | 404 | =
POST /2fa/webauthn?to=%2Faccount {answer} | 401     | 303 /account             | 401                      | 303 /account | = | 404 | =
POST /2fa/webauthn {forged} | 401                   | 422                      | 401                      | 422 | =   | 404 | =
POST /2fa/webauthn {letters} | 401                  | 422                      | 401                      | 422 | =   | 4xx | =
POST /2fa/webauthn {}    | 401                      | 422                      | 401                      | 422 | =   | 4xx | =
POST /2fa/totp {right}   | 401                      | 303 /                    | 401                      | 303 / | = | 404 | =

GET /2fa/security        | 401                      | 303 /2fa?to=/2fa/security | 401                     | 200 | =   | =   | =
GET /2fa/security/webauthn | 401                    | 303 /2fa?to=/2fa/security/webauthn | 401            | 200 | 303 /2fa/confirm?to=/2fa/security/webauthn | 200 | 401
GET /2fa/security/factors/:key | 401                | 303 /2fa?to=/2fa/security/factors/:key | 401        | 200 | =   | 404 | =
POST /2fa/security/factors/:key/rename {label} | 401 | 303 /2fa                | 401                      | 303 /2fa/security | 403 | 404 | =
POST /2fa/security/factors/:key/prefer {} | 401     | 303 /2fa                 | 401                      | 303 /2fa/security | 403 | 404 | =
POST /2fa/security/factors/:key/remove {} | 401     | 303 /2fa                 | 401                      | 303 /2fa/security | 403 | 404 | =
POST /2fa/security/factors/:own/remove {} | 401     | 303 /2fa                 | 401                      | 303 /2fa/security | 403 | 404 | =
`;

/** The same for scripts. */
export const keyScripts = `
GET /2fa                 | 401 sign_in_required | 200 owed                   | 401 half_login_ended | 200 passed | = | = | =
GET /2fa/confirm?to=%2Fbilling | 401 sign_in_required | 200 owed             | 401 half_login_ended | 200 confirm | = | 401 sign_in_required | =
GET /2fa/webauthn        | 401 sign_in_required | 200 owed                   | 401 half_login_ended | 200 confirm | = | 404 not_found | =
GET /2fa/webauthn/options | 401 sign_in_required | 404 not_found             | 401 half_login_ended | 404 not_found | = | = | =
POST /2fa/webauthn/options {} | 401 sign_in_required | 200                   | 401 half_login_ended | 200 | =   | 404 not_found | =
POST /2fa/webauthn {answer} | 401 sign_in_required | 200 passed              | 401 half_login_ended | 200 passed | = | 404 not_found | =
POST /2fa/webauthn {forged} | 401 sign_in_required | 401 wrong_code          | 401 half_login_ended | 401 wrong_code | = | 404 not_found | =
POST /2fa/webauthn {letters} | 401 sign_in_required | 400 malformed          | 401 half_login_ended | 400 malformed | = | 4xx | =
POST /2fa/webauthn {}    | 401 sign_in_required | 400 malformed              | 401 half_login_ended | 400 malformed | = | 4xx | =
POST /2fa/totp {right}   | 401 sign_in_required | 200 passed                 | 401 half_login_ended | 200 passed | = | 404 not_found | =

GET /2fa/security        | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | =   | =   | =
GET /2fa/security/webauthn | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 200 | 401 sign_in_required
POST /2fa/security/webauthn/options {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 200 | 401 sign_in_required
GET /2fa/security/factors/:key | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | = | 404 not_found | =
PATCH /2fa/security/factors/:key {label} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 404 not_found | =
DELETE /2fa/security/factors/:key {} | 401 sign_in_required | 401 second_factor_required | 401 half_login_ended | 200 | 403 step_up_required | 404 not_found | =
`;

export interface Row {
  readonly method: string;
  readonly path: string;
  /** What is posted; undefined for a request without a body. */
  readonly body: string | undefined;
  readonly cells: Readonly<Record<Column, string>>;
}

export const rowsOf = (table: string): Row[] =>
  table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [request = '', ...cells] = line.split('|').map((cell) => cell.trim());
      const [, method = '', path = '', body] = /^(\S+) (\S+)(?: \{(.*)\})?$/.exec(request) ?? [];
      if (path === '' || cells.length !== columns.length) throw new Error(`not a row: ${line}`);
      const full = cells.map((cell, at) =>
        cell === '=' ? cells.slice(0, at).findLast((one) => one !== '=') : cell,
      );
      const named = columns.map((column, at) => [column, full[at] ?? ''] as const);
      return { method, path, body, cells: Object.fromEntries(named) as Record<Column, string> };
    });
