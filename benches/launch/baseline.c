/* What any launcher has to do, and nothing else: look at the root, set the variables, change to it, become the target. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int count, char **words) {
    struct stat root;
    if (count < 3 || stat(words[1], &root) != 0 || !S_ISDIR(root.st_mode)) return 125;
    if (setenv("HEYGEM_DIR", words[1], 1) != 0 || setenv("PYTHONPATH", words[1], 1) != 0) return 125;
    if (setenv("PWD", words[1], 1) != 0 || chdir(words[1]) != 0) return 125;
    execvp(words[2], words + 2);
    return 127;
}
