/** Public keys whose private halves nobody has. */
export const ALICE =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDQhdzLR8jtgykdqG8DVOgQA5KKvwqgs66HWII5xCTAM alice@laptop'
export const BOB = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINB4iFBJh7+9vQsW0KHEjk3dVOLcZ5XUQAwZaoQzFi/I bob@desk'
export const EVE =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID1+zfp0w0ZwavNgNERxWwFKi9SufAJH17ZmJeFZEzV+ eve@attic'
export const CAROL =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAT5Gcc8GpNSdj+yvn5+5EeqCgbyd8Z/ssAKJ2XMkTYz+fm4jTqQZpe5T+NyQX/ruxQrENzjSlAskyNa3DxLFUQ= carol'
