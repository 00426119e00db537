/* Connects to a pool and keeps the connection until it is killed or its standard input ends. */
#include <daos.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char** argv) {
  daos_handle_t pool;
  char byte;
  if (argc != 2) return 2;
  if (daos_init() != 0) return 3;
  if (daos_pool_connect(argv[1], NULL, DAOS_PC_RW, &pool, NULL, NULL) != 0) return 4;
  puts("connected");
  fflush(stdout);
  while (read(0, &byte, 1) > 0) {
  }
  pause();
  return 0;
}
