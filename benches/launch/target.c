/* The shortest target. */
int main(void) { return 0; }
