# A boot sector: from the BIOS to 64-bit mode with AVX-512 switched on, and on to the program that
# follows on the disk, read to 1 MiB. Memory below 1 GiB is mapped to itself.
.code16
.globl _boot
_boot:
    cli
    cld
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $0x7c00, %sp
    inb $0x92, %al                  # the 21st address line
    orb $2, %al
    andb $0xfe, %al
    outb %al, $0x92
    lgdtl gdt_pointer
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $0x08, $protected
.code32
protected:
    movw $0x10, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $0x100000, %edi            # the program: sectors from the first disk, one at a time
    movl $1, %ebx
3:  movw $0x1f2, %dx
    movb $1, %al
    outb %al, %dx
    incw %dx
    movl %ebx, %eax
    outb %al, %dx
    incw %dx
    movb %ah, %al
    outb %al, %dx
    incw %dx
    xorb %al, %al
    outb %al, %dx
    incw %dx
    movb $0xe0, %al
    outb %al, %dx
    incw %dx
    movb $0x20, %al
    outb %al, %dx
4:  inb %dx, %al
    andb $0x88, %al
    cmpb $0x08, %al
    jne 4b
    movw $0x1f0, %dx
    movl $256, %ecx
    rep insw
    incl %ebx
    cmpl $SECTORS, %ebx
    jbe 3b
    movl $0x10000, %edi             # three tables: 512 pages of 2 MiB
    xorl %eax, %eax
    movl $0xc00, %ecx
    rep stosl
    movl $0x11003, 0x10000
    movl $0x12003, 0x11000
    movl $0x12000, %edi
    movl $0x83, %eax
    movl $512, %ecx
1:  movl %eax, (%edi)
    addl $0x200000, %eax
    addl $8, %edi
    loop 1b
    movl $0x10000, %eax
    movl %eax, %cr3
    movl $0x406a0, %eax             # PAE, PGE, OSFXSR, OSXMMEXCPT, OSXSAVE
    movl %eax, %cr4
    movl $0xc0000080, %ecx          # long mode
    rdmsr
    orl $0x100, %eax
    wrmsr
    movl $0x80000033, %eax          # paging, numeric errors, the coprocessor present and not emulated
    movl %eax, %cr0
    ljmpl $0x18, $long_mode
.code64
long_mode:
    xorl %ecx, %ecx                 # XCR0: x87, SSE, AVX, and the three parts of AVX-512
    xorl %edx, %edx
    movl $0xe7, %eax
    xsetbv
    movl $0x1f000000, %esp
    xorl %ebp, %ebp
    movl $0x100000, %eax
    call *%rax
2:  hlt
    jmp 2b

.balign 8
gdt:
    .quad 0
    .quad 0x00cf9a000000ffff        # code, 32 bits
    .quad 0x00cf92000000ffff        # data
    .quad 0x00af9a000000ffff        # code, 64 bits
gdt_pointer:
    .word . - gdt - 1
    .long gdt
.org 510
    .word 0xaa55
